"""Opens what perf-report wrote with those who read it: JUnit schemas, and Prometheus' OpenMetrics parser."""

import os
import sys

from lxml import etree
from prometheus_client.openmetrics.parser import text_string_to_metric_families

junit, openmetrics = sys.argv[1:3]
schemas = os.environ["PERF_REPORT_JUNIT_XSD"].split(os.pathsep)
document = etree.parse(junit)
for schema in schemas:
    etree.XMLSchema(etree.parse(schema)).assertValid(document)
cases = len(document.findall(".//testcase"))
with open(openmetrics, encoding="utf-8", newline="") as file:
    families = list(text_string_to_metric_families(file.read()))
samples = sum(len(family.samples) for family in families)
print(f"{cases} cases, {samples} samples, {len(schemas)} schemas")
