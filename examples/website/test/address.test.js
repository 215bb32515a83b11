// The addresses that `View.open` takes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressError, availabilityAddress, originOf, readAddress } from '../src/session/address.js';

const read = (text) => readAddress(text, 'http://page.example/site/simulation.html');

test('a world of a project: the session server and the simulation in one', () => {
  assert.deepEqual(read('ws://localhost:80/simple/worlds/simple.wbt'), {
    kind: 'project',
    session: 'http://localhost/session',
    project: 'simple',
    world: 'simple.wbt',
  });
  assert.deepEqual(read('wss://host:1999/a/b/worlds/my%20world.wbt'), {
    kind: 'project',
    session: 'https://host:1999/session',
    project: 'a/b',
    world: 'my world.wbt',
  });
});

test('a session address, as later clients take it', () => {
  const world = 'https://github.com/u/r/blob/v/worlds/w.wbt';
  for (const scheme of ['http', 'ws']) {
    assert.deepEqual(read(`${scheme}://host:1999/session?url=${world}`), {
      kind: 'world',
      session: `http://host:1999/session?url=${world}`,
      url: world,
    });
  }
  assert.equal(
    read(`https://host/ajax/server/session?url=${world}`).session,
    `https://host/ajax/server/session?url=${world}`,
  );
});

test('a broadcast', () => {
  assert.deepEqual(read('ws://localhost:80'), { kind: 'stream', url: 'ws://localhost/' });
  assert.deepEqual(read('wss://host/2001'), { kind: 'stream', url: 'wss://host/2001' });
});

test('a scene in a file, beside the page', () => {
  assert.deepEqual(read('file.x3d'), { kind: 'scene', url: 'http://page.example/site/file.x3d' });
});

test('what cannot be opened is refused in words', () => {
  for (const text of [
    'ftp://host/a.wbt',
    'javascript:alert(1)',
    'ws://host/simple.wbt',
    'ws://host/worlds/simple.wbt',
    'a.html',
    'http://host/session',
    'ws://[',
  ]) {
    assert.throws(() => read(text), AddressError, text);
  }
});

test('the page and the session server as others call them', () => {
  assert.equal(originOf(new URL('https://www.example.org:8443/a')), 'https://example.org:8443');
  assert.equal(availabilityAddress('http://host:1999/session'), 'ws://host:1999/');
  assert.equal(availabilityAddress('https://host/x/session?url=y'), 'wss://host/x/');
});
