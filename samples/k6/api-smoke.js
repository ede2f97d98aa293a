// api-smoke: is the gateway up, and do its release controls answer?

import { check, group, sleep } from 'k6';
import { gatewayClient, jsonObject, readConfig, scenarioOptions, writeSummary } from './lib/config.js';

const NAME = 'api-smoke';
const config = readConfig({ prefix: 'API', rate: 12, duration: '20s', vus: 10 });
const gateway = gatewayClient(config);

export const options = scenarioOptions(config, NAME, 'apiSmoke', {
  http_req_failed: ['rate<0.02'],
  'http_req_duration{label:gateway-health}': ['p(95)<300'],
  'http_req_duration{label:release-controls}': ['p(95)<500'],
});

export function apiSmoke() {
  group('gateway-health', () => {
    const response = gateway.get('gateway-health', '/v1/health');
    check(response, {
      'health status ok': (res) => res.status === 200 && jsonObject(res).status === 'ok',
    });
  });

  group('release-controls', () => {
    const response = gateway.post('release-controls', '/v1/release-controls/check', { orgSlug: config.orgSlug });
    check(response, {
      'release controls 200': (res) => res.status === 200,
      'release controls payload': (res) => res.status === 200 && Object.keys(jsonObject(res)).length > 0,
    });
  });

  sleep(0.05);
}

export function handleSummary(data) {
  return writeSummary(config, NAME, data);
}
