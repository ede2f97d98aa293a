"""A standalone Spark cluster on the loopback address: a master, two workers, and spark-sql as their client.

Needs pyspark from PyPI, and Java 17. Everything that it writes lies in the folder that it is given.
"""
import json
import os
import pathlib
import re
import subprocess
import time

import pyspark


# None of these processes lives long enough for the thorough compiler to pay.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


class Cluster:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.home = pathlib.Path(pyspark.__file__).parent
        self.daemons = []
        self.env = os.environ | {
            "SPARK_HOME": str(self.home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": JAVA,
            "SPARK_WORKER_DIR": str(self.folder / "work"),
        }

    def __enter__(self):
        try:
            log = self.start("master", "master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
            self.url = self.said(log, r"Starting Spark master at (spark://\S+)")
            for number in (1, 2):
                log = self.start(
                    f"worker-{number}", "worker.Worker", self.url,
                    "--host", "127.0.0.1", "--port", "0", "--webui-port", "0", "--cores", "1", "--memory", "1g",
                )
                self.said(log, r"(Successfully registered) with master")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for daemon in self.daemons:
            daemon.terminate()
        for daemon in self.daemons:
            daemon.wait(30)

    def start(self, name, what, *arguments):
        log = self.folder / f"{name}.log"
        command = [self.home / "bin/spark-class", f"org.apache.spark.deploy.{what}", *arguments]
        with open(log, "w") as output:
            daemon = subprocess.Popen(command, env=self.env, cwd=self.folder, stdout=output, stderr=output)
        self.daemons.append(daemon)
        return log

    def said(self, log, pattern):
        """Waits until the daemon that writes this log says so."""
        for _ in range(600):
            if found := re.search(pattern, log.read_text()):
                return found[1]
            assert self.daemons[-1].poll() is None, f"{log.name}: {log.read_text()[-2000:]}"
            time.sleep(0.1)
        raise AssertionError(f"{log.name} does not say {pattern}: {log.read_text()[-2000:]}")

    def sql(self, statements):
        """What spark-sql makes of these statements on stdin, as text: stdout, stderr. It goes on after errors."""
        (self.folder / "events").mkdir(exist_ok=True)
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.extraJavaOptions": JAVA,
            "spark.executor.extraJavaOptions": JAVA,
            "spark.executor.memory": "512m",
            "spark.ui.enabled": "false",
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.shuffle.partitions": "8",
            "spark.scheduler.minRegisteredResourcesRatio": "1",
            "spark.eventLog.enabled": "true",
            "spark.eventLog.compress": "false",
            "spark.eventLog.dir": (self.folder / "events").as_uri(),
        }
        options = [part for key, value in settings.items() for part in ("--conf", f"{key}={value}")]
        done = subprocess.run(
            [self.home / "bin/spark-sql", "--master", self.url, *options],
            input=statements, env=self.env, cwd=self.folder, capture_output=True, text=True, timeout=600,
        )
        return done.stdout, done.stderr

    def workers(self):
        """The executors that ended tasks, and how many each."""
        tasks = {}
        for log in (path for path in (self.folder / "events").rglob("*") if path.is_file()):
            for line in log.read_text().splitlines():
                if line.startswith('{"Event":"SparkListenerTaskEnd"'):
                    executor = json.loads(line)["Task Info"]["Executor ID"]
                    tasks[executor] = tasks.get(executor, 0) + 1
        return tasks
