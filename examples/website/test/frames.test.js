// What Webots says, in the words of both eras.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readFrame } from '../src/stream/frames.js';

test('updates: poses until 2022, updates since', () => {
  const pose = { id: '7', translation: '1 2 3', rotation: '0 0 1 0.5' };
  for (const key of ['poses', 'updates']) {
    const frame = `application/json:{"time":32,"${key}":[{"id":7,"translation":"1 2 3","rotation":"0 0 1 0.5"}]}`;
    assert.deepEqual(readFrame(frame), { kind: 'update', time: 32, poses: [pose], labels: [] });
  }
});

test('times come with six digits', () => {
  assert.equal(readFrame('application/json:{"time":1e+06}').time, 1_000_000);
  assert.equal(readFrame('pause: 1e+06').time, 1_000_000);
});

test('labels: frames until 2021, parts of the updates since', () => {
  const label = {
    id: '0',
    font: 'Arial',
    color: 'rgba(255,255,255,1)',
    size: 0.1,
    x: 0.4,
    y: 0.02,
    text: 'red 0 ; blue 1',
  };
  assert.deepEqual(readFrame('label:0;Arial;rgba(255,255,255,1);0.1;0.4;0.02;red 0 ; blue 1').labels, [
    label,
  ]);
  const modern = {
    id: 0,
    font: 'Arial',
    rgba: '255,255,255,1',
    size: 0.1,
    x: 0.4,
    y: 0.02,
    text: 'red 0 ; blue 1',
  };
  assert.deepEqual(readFrame(`application/json:{"time":0,"labels":[${JSON.stringify(modern)}]}`).labels, [
    label,
  ]);
});

test('modes', () => {
  for (const [frame, mode] of [
    ['pause', 'pause'],
    ['paused by client', 'pause'],
    ['pause: 64', 'pause'],
    ['step', 'pause'],
    ['real-time', 'real-time'],
    ['fast', 'fast'],
    ['run', 'fast'],
  ]) {
    assert.equal(readFrame(frame).kind, 'mode', frame);
    assert.equal(readFrame(frame).mode, mode, frame);
  }
});

test('worlds: bare names until 2021, paths since', () => {
  const [current, worlds] = ['a.wbt', ['a.wbt', 'b.wbt']];
  assert.deepEqual(readFrame('world:a.wbt:a.wbt;b.wbt'), {
    kind: 'world',
    current,
    worlds,
    folder: '',
    since2022: false,
  });
  assert.deepEqual(readFrame('world:worlds/a.wbt:worlds/a.wbt;worlds/b.wbt'), {
    kind: 'world',
    current,
    worlds,
    folder: 'worlds/',
    since2022: true,
  });
});

test('the scene and what becomes of it', () => {
  assert.deepEqual(readFrame('model:<Scene></Scene>'), { kind: 'model', xml: '<Scene></Scene>' });
  for (const frame of ['model:', 'delete world']) assert.deepEqual(readFrame(frame), { kind: 'cleared' });
  assert.deepEqual(readFrame('node:12:<nodes/>'), { kind: 'node', parent: '12', xml: '<nodes/>' });
  assert.deepEqual(readFrame('delete:12'), { kind: 'delete', id: '12' });
  assert.deepEqual(readFrame('visibility:12:1'), { kind: 'visibility', id: '12', visible: true });
  assert.deepEqual(readFrame('visibility:12:0'), { kind: 'visibility', id: '12', visible: false });
  assert.deepEqual(readFrame('scene load completed'), { kind: 'loaded' });
  assert.deepEqual(readFrame('reset finished'), { kind: 'reset' });
});

test('textures as data, whose address may have brackets', () => {
  const frame = 'image[textures/a[1\\].png]:data:image/png;base64,AAAA';
  assert.deepEqual(readFrame(frame), {
    kind: 'image',
    url: 'textures/a[1].png',
    data: 'data:image/png;base64,AAAA',
  });
  assert.equal(readFrame('image[a.png]:data:text/html;base64,AAAA').kind, 'unknown');
});

test('progress in words', () => {
  assert.deepEqual(readFrame('loading:Downloading assets:40'), {
    kind: 'loading',
    text: 'Fetching what the world is made of',
    percent: 40,
  });
  assert.deepEqual(readFrame('loading:Something new:5'), {
    kind: 'loading',
    text: 'Something new',
    percent: 5,
  });
});

test('output, several lines in one frame', () => {
  assert.deepEqual(readFrame('stdout:a\nb: c\n'), { kind: 'output', lines: ['a', 'b: c'], error: false });
  assert.deepEqual(readFrame('stderr:no'), { kind: 'output', lines: ['no'], error: true });
});

test('controllers, whose text may have colons and empty lines', () => {
  assert.deepEqual(readFrame('set controller:go/go.py:3\nif a:\n\n  b'), {
    kind: 'controller',
    folder: 'go',
    file: 'go.py',
    content: 'if a:\n\n  b',
  });
});

test('pictures', () => {
  assert.deepEqual(readFrame('multimedia: /mjpeg pause '), {
    kind: 'pictures',
    path: '/mjpeg',
    mode: 'pause',
    size: undefined,
  });
  assert.deepEqual(readFrame('multimedia: mjpeg fast 800 600'), {
    kind: 'pictures',
    path: 'mjpeg',
    mode: 'fast',
    size: { width: 800, height: 600 },
  });
  assert.deepEqual(readFrame('time: 64'), { kind: 'update', time: 64, poses: [], labels: [] });
  assert.deepEqual(readFrame('resize: 640 480'), { kind: 'resize', width: 640, height: 480 });
  assert.deepEqual(readFrame('world info: {"title":"T","window":""}'), { kind: 'worldInfo', title: 'T' });
});

test('texts of robots', () => {
  assert.deepEqual(readFrame('robot:r:a:b'), { kind: 'robot', name: 'r', message: 'a:b' });
  assert.deepEqual(readFrame('robot: {"message":"a:b","name":"r"}'), {
    kind: 'robot',
    name: 'r',
    message: 'a:b',
  });
});

test('what makes no sense changes nothing', () => {
  for (const frame of [
    '',
    'x',
    'application/json:{',
    'application/json:5',
    'node:x:<a/>',
    'visibility:1',
    'label:1;2',
    'set controller:a',
    'constructor',
    '__proto__',
    'toString',
    'resize: 0 0',
    'multimedia:',
  ])
    assert.equal(readFrame(frame).kind, 'unknown', frame);
  assert.deepEqual(readFrame('application/json:{"poses":5,"labels":[null,{}]}'), {
    kind: 'update',
    time: undefined,
    poses: [],
    labels: [],
  });
});

for (const era of ['legacy', 'modern']) {
  test(`a recorded session, ${era}: nothing is unknown`, () => {
    const frames = JSON.parse(readFileSync(new URL(`recorded/${era}.json`, import.meta.url)));
    const kinds = frames.map((frame) => readFrame(frame).kind);
    assert.deepEqual(
      frames.filter((_, at) => kinds[at] === 'unknown'),
      [],
    );
    for (const kind of [
      'world',
      'model',
      'update',
      'loaded',
      'mode',
      'output',
      'reset',
      'cleared',
      'loading',
    ]) {
      assert.ok(kinds.includes(kind), `${kind} is among them`);
    }
    const moved = frames.map(readFrame).filter((value) => value.kind === 'update' && value.poses.length > 0);
    assert.ok(moved.length > 3);
  });
}
