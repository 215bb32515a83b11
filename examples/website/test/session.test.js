// From the question for a place to the address of Webots, and why there is none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Availability } from '../src/session/availability.js';
import { initFrame, readServerFrame, readSessionReply, startFrame } from '../src/session/messages.js';
import { Session } from '../src/session/session.js';
import { ports } from './sockets.js';

const PROJECT = { kind: 'project', session: 'http://s/session', project: 'p', world: 'w.wbt' };
const OPTIONS = { origin: 'http://page', who: {} };

async function started(world, target = PROJECT, options = OPTIONS) {
  const told = [];
  const session = new Session(target, options, (event) => told.push(event), world);
  await session.start();
  const texts = () => told.map((event) => event.text ?? event.kind);
  return { session, told, texts };
}

test('what a user is called may have any character', () => {
  const nasty = '"],"x":[\\ <é>\n';
  const frame = initFrame(
    { origin: 'http://page', project: 'p', world: 'w.wbt' },
    { user1Id: 7, user1Name: nasty, user1Authentication: 'a"b', customData: nasty },
  );
  assert.deepEqual(JSON.parse(frame), {
    init: ['http://page', 'p', 'w.wbt', '7', nasty, 'a"b', '', '', nasty],
  });
});

test('nobody is an empty text, also where an id is 0', () => {
  for (const user1Id of [undefined, null, '', 0, '0']) {
    const { init } = JSON.parse(initFrame({ origin: 'o', project: 'p', world: 'w' }, { user1Id }));
    assert.deepEqual(init.slice(3), ['', '', '', '', '', '']);
  }
});

test('a world at an address, as a scene and as pictures', () => {
  assert.deepEqual(JSON.parse(startFrame('https://a/"b"')), { start: { url: 'https://a/"b"' } });
  assert.deepEqual(JSON.parse(startFrame('u', 'mjpeg')), { start: { url: 'u', mode: 'mjpeg' } });
});

test('answers of session servers', () => {
  assert.deepEqual(readSessionReply('ws://host:2000'), { url: 'ws://host:2000/client' });
  assert.deepEqual(readSessionReply('wss://host/2000/\n'), { url: 'wss://host/2000/client' });
  assert.deepEqual(readSessionReply('Error: no simulation server available at the moment.'), {
    error: 'No simulation server available at the moment.',
  });
  assert.match(readSessionReply('<html>').error, /no sense/);
});

test('the name of a session is handed on, unless it is none', () => {
  assert.deepEqual(readSessionReply('ws://h', '07d2f3a91c44be05'), {
    url: 'ws://h/client?session=07d2f3a91c44be05',
  });
  for (const name of [null, '', 'a&b', 'x'.repeat(65)]) {
    assert.deepEqual(readSessionReply('ws://h', name), { url: 'ws://h/client' });
  }
});

test('the words of simulation servers of both dialects', () => {
  for (const [frame, value] of [
    ['.', { kind: 'heartbeat' }],
    ['webots:ws://h:2001', { kind: 'webots', url: 'ws://h:2001' }],
    ['webots:wss://h/2001', { kind: 'webots', url: 'wss://h/2001' }],
    ['webots:http://h', { kind: 'unknown', text: 'webots:http://h' }],
    ['loading: fetching the project', { kind: 'loading', text: 'Fetching the project' }],
    ['docker: Step 1/2', { kind: 'loading', text: 'Step 1/2' }],
    ['queue:3', { kind: 'loading', text: '3 others wait for a place before you' }],
    ['loading: Error: no', { kind: 'error', text: 'No' }],
    ['error: no', { kind: 'error', text: 'No' }],
    ['Error: w.wbt does not exist.', { kind: 'error', text: 'W.wbt does not exist.' }],
    ['shutdownTimeout: 7200', { kind: 'timeLimit', seconds: 7200 }],
    ['shutdownTimeout: x', { kind: 'unknown', text: 'shutdownTimeout: x' }],
    ['reset controller: go/go.py', { kind: 'controllerReset', file: 'go/go.py' }],
    ['type:demo\n', { kind: 'unknown', text: 'type:demo\n' }],
  ])
    assert.deepEqual(readServerFrame(frame), value, frame);
});

test('a start, stage by stage', async () => {
  const world = ports('ws://sim:2000');
  const { told, texts } = await started(world);
  assert.deepEqual(world.fetched, ['http://s/session']);
  const [socket] = world.sockets;
  assert.equal(socket.url, 'ws://sim:2000/client');
  socket.opens();
  assert.deepEqual(JSON.parse(socket.sent[0]).init.slice(0, 3), ['http://page', 'p', 'w.wbt']);
  socket.says('loading: starting Webots', '.', 'webots:ws://sim:2001', '.');
  assert.deepEqual(texts(), [
    'Asking for a place',
    'Connecting to a simulation server',
    'Preparing the project',
    'Starting Webots',
    'webots',
  ]);
  assert.equal(told.at(-1).url, 'ws://sim:2001');
});

test('no place, no answer, no simulation server: why, and that trying again makes sense', async () => {
  const full = await started(ports('Error: no simulation server available at the moment.'));
  assert.deepEqual(full.told.at(-1), {
    kind: 'ended',
    text: 'No simulation server available at the moment.',
    again: true,
  });
  const silent = await started(ports(new Error('refused')));
  assert.deepEqual(silent.told.at(-1), {
    kind: 'ended',
    text: 'The session server does not answer.',
    again: true,
  });
  const world = ports('ws://sim:2000');
  const gone = await started(world);
  world.sockets[0].ends(1006);
  assert.deepEqual(gone.told.at(-1), {
    kind: 'ended',
    text: 'The simulation server cannot be reached.',
    again: true,
  });
});

test('a refusal is shown with its reason; a wrong request is not worth another try', async () => {
  for (const [code, again] of [
    [1011, true],
    [1013, true],
    [1008, false],
    [1007, false],
  ]) {
    const world = ports('ws://sim:2000');
    const { told } = await started(world);
    world.sockets[0].opens();
    world.sockets[0].says('error: it is so');
    world.sockets[0].ends(code);
    assert.deepEqual(told.at(-1), { kind: 'ended', text: 'It is so', again });
  }
});

test('the end of a simulation that ran', async () => {
  for (const [frames, code, text] of [
    [['webots:ws://w'], 1006, 'The connection to the simulation server was lost.'],
    [['webots:ws://w'], 1000, 'The simulation has ended.'],
    [['webots:ws://w', 'error: Webots died'], 1011, 'Webots died'],
    [['webots:ws://w', 'error: the time is over'], 1000, 'The time is over'],
  ]) {
    const world = ports('ws://sim:2000');
    const { told } = await started(world);
    world.sockets[0].opens();
    world.sockets[0].says(...frames);
    world.sockets[0].ends(code);
    assert.equal(told.at(-1).text, text);
  }
});

test('an error that did not end the simulation is not the reason of its end', async () => {
  const world = ports('ws://sim:2000');
  const { told } = await started(world);
  world.sockets[0].opens();
  world.sockets[0].says('webots:ws://w', 'error: no such controller', '.');
  assert.deepEqual(told.at(-1), { kind: 'notice', text: 'No such controller' });
  world.sockets[0].ends(1006);
  assert.equal(told.at(-1).text, 'The connection to the simulation server was lost.');
});

test('what the browser refuses to open is said', async () => {
  const world = ports('ws://sim:2000');
  world.WebSocket = class {
    constructor() {
      throw new Error('insecure');
    }
  };
  const { told } = await started(world);
  assert.deepEqual(told.at(-1), {
    kind: 'ended',
    text: 'This page may not open ws://sim:2000/client.',
    again: false,
  });
  const states = [];
  new Availability('ws://s/', (state) => states.push(state), world);
  assert.deepEqual(states, ['silent']);
});

test('what the page ends is not told', async () => {
  const world = ports('ws://sim:2000');
  const { session, told } = await started(world);
  session.close();
  const before = told.length;
  world.sockets[0].ends(1000);
  assert.equal(told.length, before);
  assert.equal(world.sockets[0].closed, 'closed');
});

test('room is told as it changes, also by a server that comes back', () => {
  const world = ports();
  const told = [];
  const availability = new Availability('ws://s/', (state) => told.push(state), world);
  world.sockets[0].says('1', '1', '0', 'x');
  world.sockets[0].ends(1006);
  world.later();
  world.sockets[1].ends(1006);
  world.later();
  world.sockets[2].says('1');
  availability.close();
  world.sockets[2].ends(1000);
  assert.deepEqual(told, ['room', 'full', 'silent', 'room']);
  assert.equal(world.sockets.length, 3);
});
