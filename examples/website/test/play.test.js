// A simulation as a person plays it, against sockets of the test's own.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Play } from '../src/play.js';
import { Clock, clockText } from '../src/stream/clock.js';
import { Stream } from '../src/stream/stream.js';
import { ports } from './sockets.js';

const TARGET = { kind: 'project', session: 'http://s/session', project: 'p', world: 'w.wbt' };

/** A simulation whose world is there. */
async function playing({
  timeout = 60,
  broadcast = false,
  frames = ['world:w.wbt:w.wbt', 'model:<Scene/>', 'scene load completed', 'pause'],
} = {}) {
  const world = ports('ws://sim:2000');
  const told = [];
  const play = new Play(
    TARGET,
    { origin: 'http://page', who: {}, broadcast, timeout },
    (event) => told.push(event),
    world,
  );
  play.start();
  await new Promise(setImmediate);
  world.sockets[0].opens();
  world.sockets[0].says('webots:ws://sim:2001');
  const webots = world.sockets[1];
  webots.opens();
  webots.says(...frames);
  const kinds = () => told.map((event) => event.kind);
  return { world, told, kinds, play, client: world.sockets[0], webots };
}

test('the world is ready when it is there and loaded, in the order of either era', async () => {
  const early = await playing({ frames: ['world:w.wbt:w.wbt', 'scene load completed'] });
  assert.ok(!early.kinds().includes('ready'));
  early.webots.says('model:<Scene/>');
  assert.equal(early.kinds().at(-1), 'ready');
  const { kinds, webots } = await playing();
  assert.equal(kinds().filter((kind) => kind === 'ready').length, 1);
  assert.equal(webots.url, 'ws://sim:2001/');
  assert.deepEqual(webots.sent, ['x3d']);
});

test('Webots of 2025 is greeted in its own words when it does not know the old ones', () => {
  const world = ports();
  const stream = new Stream('ws://w', { broadcast: true }, () => {}, world);
  world.sockets[0].opens();
  world.later();
  assert.deepEqual(world.sockets[0].sent, ['x3d;broadcast', 'w3d;broadcast']);
  assert.equal(stream.files, 'http://w/');
});

test('pictures are asked for in their size', () => {
  const world = ports();
  const told = [];
  new Stream('wss://w/2001', { pictures: { width: 640.4, height: 360 } }, (value) => told.push(value), world);
  world.sockets[0].opens();
  world.sockets[0].says('multimedia: /mjpeg pause ');
  world.later();
  assert.deepEqual(world.sockets[0].sent, ['mjpeg: 640x360']);
  assert.equal(told.at(-1).path, '/mjpeg');
});

test('run, fast, pause, step', async () => {
  const { play, webots, kinds } = await playing();
  play.run('real-time');
  webots.says('real-time');
  assert.equal(play.mode, 'real-time');
  play.pause();
  webots.says('paused by client');
  play.step();
  play.run('fast');
  assert.deepEqual(webots.sent.slice(1), ['real-time:60000', 'timeout:60000', 'pause', 'step', 'fast:60000']);
  assert.ok(!kinds().includes('idle'));
});

test('without a time limit none is sent', async () => {
  const { play, webots } = await playing({ timeout: -1 });
  play.run('real-time');
  webots.says('real-time');
  play.touch(1e6);
  assert.deepEqual(webots.sent.slice(1), ['real-time:-1']);
});

test('nobody at the controls: Webots pauses, and the page says why; a touch puts it off', async () => {
  const { play, webots, told } = await playing();
  play.run('real-time');
  webots.says('real-time');
  play.touch(10_000);
  play.touch(10_001);
  assert.deepEqual(
    webots.sent.filter((frame) => frame.startsWith('timeout')),
    ['timeout:60000', 'timeout:60000'],
  );
  webots.says('pause: 60000');
  assert.deepEqual(told.at(-1), { kind: 'idle', seconds: 60 });
});

test('a reset stands still, has its preparations made, and runs on if it ran', async () => {
  const { play, webots } = await playing();
  play.run('real-time');
  webots.says('real-time');
  await play.reset(async () => webots.says('paused by client'));
  webots.says('application/json:{"time":0}', 'reset finished');
  assert.deepEqual(webots.sent.slice(3), ['pause', 'reset', 'real-time:60000']);
  webots.says('real-time');
  play.pause();
  webots.says('paused by client');
  await play.reset(async () => {});
  webots.says('reset finished');
  assert.deepEqual(webots.sent.slice(-2), ['pause', 'reset']);
});

test('the world again, and another one, in the words of the era', async () => {
  const old = await playing();
  old.play.reload();
  assert.equal(old.webots.sent.at(-1), 'revert');
  const since2022 = await playing({
    frames: [
      'world:worlds/w.wbt:worlds/w.wbt;worlds/v.wbt',
      'scene load completed',
      'model:<Scene/>',
      'pause: 0',
    ],
  });
  since2022.play.reload();
  since2022.play.load('v.wbt');
  assert.deepEqual(since2022.webots.sent.slice(1), ['pause', 'reload', 'pause', 'load:v.wbt']);
  since2022.webots.says('delete world', 'loading:Parsing nodes:10');
  assert.deepEqual(since2022.told.at(-1), { kind: 'progress', text: 'Reading the world', percent: 10 });
  since2022.webots.says('model:<Scene/>', 'scene load completed');
  assert.equal(since2022.kinds().at(-1), 'ready');
});

test('the simulation server says why; if it does not, the page does', async () => {
  const known = await playing();
  known.webots.ends(1006);
  known.client.says('error: Webots died');
  known.client.ends(1011);
  assert.deepEqual(known.told.at(-1), { kind: 'ended', text: 'Webots died', again: true });
  known.world.later();
  assert.equal(known.kinds().filter((kind) => kind === 'ended').length, 1);

  const lost = await playing();
  lost.webots.ends(1006);
  lost.world.later();
  assert.equal(lost.told.at(-1).text, 'The connection to the simulation was lost.');
  assert.ok(lost.client.closed, 'so that the instance ends as well');
});

test('closing ends both sockets, and is not told', async () => {
  const { play, webots, client, told } = await playing();
  const before = told.length;
  play.close();
  webots.says('pause');
  assert.equal(webots.closed, 1000);
  assert.ok(client.closed);
  assert.equal(told.length, before);
});

test('a broadcast only greets and listens', () => {
  const world = ports();
  const told = [];
  const play = new Play(
    { kind: 'stream', url: 'ws://w/' },
    { broadcast: true, timeout: 60, who: {} },
    (event) => told.push(event),
    world,
  );
  play.start();
  const [webots] = world.sockets;
  webots.opens();
  webots.says('model:<Scene/>', 'scene load completed', 'real-time', 'pause: 5');
  play.touch(1e9);
  assert.deepEqual(webots.sent, ['x3d;broadcast']);
  webots.ends(1001);
  assert.deepEqual(told.at(-1), { kind: 'ended', text: 'The simulation has ended.', again: true });
});

test('recorded sessions of both eras can be played', async () => {
  for (const era of ['legacy', 'modern']) {
    const frames = JSON.parse(readFileSync(new URL(`recorded/${era}.json`, import.meta.url)));
    const { kinds, play } = await playing({ frames });
    assert.equal(kinds().filter((kind) => kind === 'ready').length, 2, era);
    assert.equal(play.time, 0);
  }
});

test('simulated time and its speed', () => {
  const clock = new Clock();
  clock.update(0, 1000);
  assert.equal(clock.factor, undefined);
  for (let at = 1; at <= 100; at += 1) clock.update(at * 64, 1000 + at * 32);
  assert.equal(clock.factor, 2);
  clock.update(0, 9000);
  assert.equal(clock.factor, undefined);
  assert.equal(clockText(3_723_064.9), '1:02:03:064');
});
