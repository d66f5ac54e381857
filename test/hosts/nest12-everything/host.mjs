import assert from 'node:assert/strict';

/** The prefixes of the routes of the package and of the app, and the headers and answers of the app's own routes. */
export const way = {
  prefix: '/app',
  ownPrefix: '/app/v1',
  ownHeaders: { 'X-Key': 'of-the-host' },
  ownAnswer: ({ data }) => data,
};

/** Checks that the app's own routes and errors still work as before, and that the package brings the explorer. */
export async function checkOwn(call) {
  assert.deepEqual((await call('/app/v1/own', { headers: way.ownHeaders })).json, { data: ['red', 'blue'] });
  const refused = await call('/app/v1/own');
  assert.equal(refused.status, 403);
  assert.ok(refused.json.failure.includes('Forbidden'), refused.text);
  const unknown = await call('/app/v1/nowhere', { headers: way.ownHeaders });
  assert.equal(unknown.status, 404);
  assert.ok(unknown.json.failure.includes('Cannot GET'), unknown.text);
  const page = await call('/app/look/');
  assert.equal(page.status, 200, page.text);
  const [, script] = /<script type="module" src="([^"]+)"/.exec(page.text);
  assert.equal((await call(`/app/look/${script}`)).status, 200);
  assert.equal((await call('/app/api/explorer/session', { method: 'POST' })).status, 401);
}
