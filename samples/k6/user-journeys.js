// user-journeys: what a user's dashboard asks for, then a job. Every iteration submits a job.

import { check, group, sleep } from 'k6';
import { gatewayClient, jsonObject, readConfig, scenarioOptions, writeSummary } from './lib/config.js';

const NAME = 'user-journeys';
const config = readConfig({ prefix: 'JOURNEY', rate: 25, duration: '45s', vus: 20 });
const gateway = gatewayClient(config);
const org = `orgSlug=${encodeURIComponent(config.orgSlug)}`;

export const options = scenarioOptions(config, NAME, 'journeys', {
  http_req_failed: ['rate<0.02'],
  'http_req_duration{label:autonomy-status}': ['p(95)<500'],
  'http_req_duration{label:documents-feed}': ['p(95)<1500'],
  'http_req_duration{label:tasks-list}': ['p(95)<1500'],
});

export function journeys() {
  group('autonomy-dashboard', () => {
    const response = gateway.get('autonomy-status', `/v1/autonomy/status?${org}`);
    check(response, {
      'autonomy status 200': (res) => res.status === 200,
      'autonomy payload has level': (res) => {
        // The level stands at the top of the answer, or under `autonomy`.
        const body = jsonObject(res);
        const level = (body.autonomy || body).level;
        return level !== undefined && level !== null;
      },
    });
  });

  group('documents-feed', () => {
    const response = gateway.get('documents-feed', `/v1/storage/documents?${org}&limit=5`);
    check(response, { 'documents fetch ok': (res) => res.status === 200 });
  });

  group('tasks-list', () => {
    const response = gateway.get('tasks-list', `/v1/tasks?${org}&limit=5`);
    check(response, { 'tasks list ok': (res) => res.status === 200 });
  });

  group('job-submission', () => {
    const response = gateway.post('job-submission', '/v1/jobs', {
      orgId: config.orgId,
      job: 'load-test',
      metadata: { source: NAME, requestedBy: config.userId },
    });
    check(response, { 'job accepted': (res) => res.status === 202 });
  });

  sleep(0.05);
}

export function handleSummary(data) {
  return writeSummary(config, NAME, data);
}
