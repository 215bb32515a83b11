// Each server answers a browser, and ends when it is asked to.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Browser} from '../browser.mjs';
import {Server} from '../server.mjs';

test('a server that cannot start says why', async () => {
  const started = Server.start('webots-session-server', {config: {port: 'x'}});
  await assert.rejects(started, /webots-session-server ended: .*port/s);
});

test('the pages of a server open in a browser', async () => {
  const server = await Server.start('webots-session-server', {config: {simulationServers: []}});
  const browser = await Browser.start();
  try {
    const watched = await browser.page();
    await watched.open(server.url('/monitor'));
    assert.match(await watched.page.title(), /session server/);
    await watched.close();
  } finally {
    await browser.close();
    await server.end();
  }
  assert.equal(server.child.exitCode, 0);
});
