// What the scenarios share: settings from the environment, requests to the gateway, the end-of-test summary.
//
// This runs in k6, not in Node, and keeps to syntax that k6 0.50 can read: no object spread, no `?.`, no `??`.

import http from 'k6/http';

/**
 * Reads the settings of one scenario, or throws one error that names everything missing or wrong.
 * `pacing` = {prefix, rate, duration, vus}: the prefix of its `PERF_<prefix>_…` variables, and their defaults.
 */
export function readConfig(pacing) {
  const missing = [];
  const wrong = [];

  const text = (name, fallback) => (__ENV[name] || '').trim() || fallback;
  const required = (name) => {
    const value = text(name, '');
    if (value === '') missing.push(name);
    return value;
  };
  const count = (name, fallback) => {
    const value = text(name, String(fallback));
    if (!/^[1-9][0-9]*$/.test(value)) wrong.push(`${name} must be a whole number above 0, not '${value}'`);
    return Number(value);
  };
  const duration = (name, fallback) => {
    const value = text(name, fallback);
    if (!/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/.test(value)) {
      wrong.push(`${name} must be like 45s or 1m30s, not '${value}'`);
    }
    return value;
  };
  // k6 writes the URL into every sample, so it must hold nothing secret. The value is not repeated in the error.
  const origin = (name) => {
    const value = required(name);
    if (value !== '' && !/^https?:\/\/[^\s\/?#@]+(\/[^\s?#@]*)?$/.test(value)) {
      wrong.push(`${name} must be like https://gateway.example.com, without user, password or query`);
    }
    return value.replace(/\/+$/, '').replace(/\/v1$/, '');
  };

  const prefix = `PERF_${pacing.prefix}`;
  const vus = count(`${prefix}_VUS`, pacing.vus);
  const orgSlug = required('PERF_ORG_SLUG');
  const config = {
    baseUrl: origin('PERF_BASE_URL'),
    token: required('PERF_SERVICE_TOKEN'),
    orgSlug: orgSlug,
    orgId: text('PERF_ORG_ID', orgSlug),
    memberships: text('PERF_ORG_MEMBERSHIPS', orgSlug),
    userId: text('PERF_USER_ID', 'perf-smoke'),
    environment: text('PERF_ENVIRONMENT', 'load-test'),
    resultsDir: text('PERF_RESULTS_DIR', 'test-results/performance').replace(/\/+$/, ''),
    rate: count(`${prefix}_RATE`, pacing.rate),
    duration: duration(`${prefix}_DURATION`, pacing.duration),
    vus: vus,
    maxVUs: count(`${prefix}_MAX_VUS`, 2 * (vus || 1)),
  };
  if (config.maxVUs < vus) wrong.push(`${prefix}_MAX_VUS must not be below ${prefix}_VUS (${vus})`);

  const problems = missing.length > 0 ? [`missing ${missing.sort().join(', ')}`].concat(wrong) : wrong;
  if (problems.length > 0) {
    throw new Error(`cannot start: ${problems.join('; ')}. See .env.example.`);
  }
  return config;
}

/** k6's options for one scenario at a constant arrival rate: `exec` is its name in k6, `name` that of its files. */
export function scenarioOptions(config, name, exec, thresholds) {
  return {
    scenarios: {
      [exec]: {
        executor: 'constant-arrival-rate',
        exec: exec,
        rate: config.rate,
        timeUnit: '1s',
        duration: config.duration,
        preAllocatedVUs: config.vus,
        maxVUs: config.maxVUs,
      },
    },
    thresholds: thresholds,
    // Within the scenario k6 sets its own `scenario` tag; samples outside of it, such as `vus`, keep this one.
    tags: { environment: config.environment, scenario: name },
    summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)', 'count'],
  };
}

/** Requests to the gateway; each carries the service's identity, and a `label` tag that the thresholds select by. */
export function gatewayClient(config) {
  const headers = {
    Authorization: `Bearer ${config.token}`,
    'Content-Type': 'application/json',
    'x-org-slug': config.orgSlug,
    'x-org-id': config.orgId,
    'x-org-memberships': config.memberships,
    'x-user-id': config.userId,
  };
  const params = (label) => ({ headers: headers, tags: { label: label } });
  return {
    get: (label, path) => http.get(config.baseUrl + path, params(label)),
    post: (label, path, body) => http.post(config.baseUrl + path, JSON.stringify(body), params(label)),
  };
}

/** The JSON object in a response's body, or `{}`: an error page or a lost connection fails a check, not the script. */
export function jsonObject(response) {
  try {
    const body = response.json();
    return body !== null && typeof body === 'object' && !Array.isArray(body) ? body : {};
  } catch (error) {
    return {};
  }
}

/** What `handleSummary` returns: the whole summary as JSON for perf-report, and a short text for the terminal. */
export function writeSummary(config, name, data) {
  const path = `${config.resultsDir}/${name}.json`;
  return {
    [path]: JSON.stringify(data, null, 2),
    stdout: `${summaryText(config, name, data)}\n\nsummary: ${path}\n`,
  };
}

function summaryText(config, name, data) {
  const metrics = data.metrics;
  const names = Object.keys(metrics).sort();
  const value = (metric, stat) => (metrics[metric] ? metrics[metric].values[stat] : undefined);
  const seconds = (data.state.testRunDurationMs / 1000).toFixed(1);

  const iterations = value('iterations', 'count') || 0;
  const requests = value('http_reqs', 'count') || 0;
  const dropped = value('dropped_iterations', 'count');

  const lines = ['', `${name} (${config.environment}): ${iterations} iterations, ${requests} requests in ${seconds} s`];
  if (dropped) lines.push(`${dropped} iterations dropped: too few VUs for this rate`);

  lines.push('', 'thresholds');
  names.forEach((metric) => {
    const thresholds = metrics[metric].thresholds || {};
    Object.keys(thresholds).forEach((expression) => {
      const stat = expression.split(/[<>=!]/)[0].trim();
      const observed = shown(metrics[metric], stat, value(metric, stat));
      lines.push(`  ${thresholds[expression].ok ? 'ok  ' : 'FAIL'}  ${metric}: ${expression}, observed ${observed}`);
    });
  });

  lines.push('', 'checks');
  eachCheck(data.root_group, (check, group) => {
    const total = check.passes + check.fails;
    lines.push(`  ${check.fails === 0 ? 'ok  ' : 'FAIL'}  ${group}${check.name}: ${check.passes} of ${total}`);
  });

  lines.push('', 'latency in ms');
  const stats = ['count', 'avg', 'med', 'p(95)', 'p(99)', 'max'];
  const durations = names.filter((metric) => /^http_req_duration(\{label:.*\})?$/.test(metric));
  const width = Math.max.apply(null, durations.map((metric) => metric.length));
  const row = (title, cells) => `  ${title.padEnd(width)}${cells.map((cell) => cell.padStart(10)).join('')}`;
  lines.push(row('', stats));
  durations.forEach((metric) => {
    lines.push(row(metric, stats.map((stat) => number(value(metric, stat), stat === 'count' ? 0 : 2))));
  });
  return lines.join('\n');
}

function eachCheck(group, visit) {
  const path = group.path.split('::').filter((part) => part !== '').map((part) => `${part} / `).join('');
  group.checks.forEach((check) => visit(check, path));
  group.groups.forEach((child) => eachCheck(child, visit));
}

function shown(metric, stat, value) {
  if (metric.type === 'rate') return `${number(value * 100, 2)}%`;
  return metric.contains === 'time' && stat !== 'count' ? `${number(value, 2)} ms` : number(value, 2);
}

function number(value, decimals) {
  return typeof value === 'number' && isFinite(value) ? value.toFixed(decimals) : '-';
}
