// Nothing that somebody wrote is lost silently.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk } from '../src/editing/desk.js';
import { Files } from '../src/editing/files.js';
import { upload, UploadError } from '../src/editing/upload.js';

test('for a user, what the website does not have is at risk', () => {
  const files = new Files(true);
  assert.ok(files.receive('a/a.py', 'one'));
  files.write('a/a.py', 'two');
  assert.deepEqual([files.atRisk, files.unsent], [['a/a.py'], ['a/a.py']]);
  files.keep('a/a.py', 'two');
  assert.deepEqual([files.atRisk, files.unsent], [[], ['a/a.py']]);
  files.send('a/a.py', 'two');
  assert.deepEqual(files.unsent, []);
});

test('for anybody else, everything that was changed is at risk, also what the robot has', () => {
  const files = new Files(false);
  files.receive('a/a.py', 'one');
  files.write('a/a.py', 'two');
  files.send('a/a.py', 'two');
  assert.deepEqual([files.atRisk, files.unsent], [['a/a.py'], []]);
  files.write('a/a.py', 'one');
  assert.deepEqual(files.atRisk, []);
});

test('what is being written is not overwritten, unless the original was asked for', () => {
  const files = new Files(true);
  files.receive('a/a.py', 'one');
  files.write('a/a.py', 'two');
  assert.equal(files.receive('a/a.py', 'one'), false);
  assert.equal(files.get('a/a.py').text, 'two');
  assert.equal(files.receive('a/a.py', 'original', true), true);
  assert.equal(files.get('a/a.py').text, 'original');
});

test('another instance: what was changed stays and is to be sent, the rest comes anew', () => {
  const files = new Files(false);
  files.receive('a/a.py', 'one');
  files.receive('a/b.py', 'one');
  files.write('a/a.py', 'two');
  files.send('a/a.py', 'two');
  files.restart();
  assert.deepEqual(files.paths, ['a/a.py']);
  files.receive('a/a.py', 'one');
  files.receive('a/b.py', 'three');
  assert.equal(files.get('a/a.py').text, 'two');
  assert.deepEqual(files.unsent, ['a/a.py']);
});

/** A desk whose page only remembers. */
function desk({ kept, time, answer = 'OK' }) {
  const log = [];
  const files = new Files(kept);
  files.receive('a/a.py', 'one');
  files.write('a/a.py', 'two\n');
  const editor = {
    say: (text) => log.push(text),
    refresh() {},
    show: () => log.push('shown'),
    shown: 'a/a.py',
  };
  const stream = { send: (frame) => log.push(frame) };
  globalThis.fetch = async (url, { body }) => {
    log.push(`${url} ${body.get('dirname')} ${body.get('filename')} ${JSON.stringify(body.get('content'))}`);
    return { text: async () => answer };
  };
  return {
    log,
    files,
    desk: new Desk(files, editor, 'p', {
      play: () => ({ time, stream }),
      restart: () => log.push('restart'),
    }),
  };
}

test('a user saves: on the website, and before the first step for the robot as well', async () => {
  const { log, desk: it } = desk({ kept: true, time: 0 });
  await it.save('a/a.py');
  assert.deepEqual(log, [
    'Saving…',
    '/ajax/upload-file.php p/controllers/a a.py "two\\n"',
    'set controller:a/a.py:2\ntwo\n',
    'restart',
    'Saved. The robot has it.',
  ]);
});

test('later the robot gets it at the next reset', async () => {
  const { log, files, desk: it } = desk({ kept: true, time: 64 });
  await it.save('a/a.py');
  assert.equal(log.at(-1), 'Saved. The robot has it after a reset.');
  log.length = 0;
  await it.sendAll();
  assert.ok(log.includes('set controller:a/a.py:2\ntwo\n'));
  assert.deepEqual([files.atRisk, files.unsent], [[], []]);
});

test('a website that refuses is quoted, and the file stays at risk', async () => {
  const answer = 'Error: Disk quota exceeded:<br>11 MB > 10 MB.<br><br>File a.py was not saved on server.';
  const { log, files, desk: it } = desk({ kept: true, time: 64, answer });
  await it.save('a/a.py');
  assert.equal(
    log.at(-1),
    'Not saved: Disk quota exceeded: 11 MB > 10 MB. File a.py was not saved on server.',
  );
  assert.deepEqual(files.atRisk, ['a/a.py']);
});

test('without a user the website is not asked', async () => {
  const { log, desk: it } = desk({ kept: false, time: 64 });
  await it.save('a/a.py');
  assert.deepEqual(log, ['Saved. The robot has it after a reset.']);
});

test('the original comes back by way of the instance', () => {
  const { log, files, desk: it } = desk({ kept: false, time: 64 });
  it.restored('a/a.py');
  it.receive({ folder: 'a', file: 'a.py', content: 'original' });
  assert.equal(files.get('a/a.py').text, 'original');
  assert.deepEqual(log, [
    'sync controller:a/a.py',
    'shown',
    'This is the original. The robot has it after a reset.',
  ]);
});

test('a website that cannot be reached', async () => {
  const refused = async () => {
    throw new TypeError('refused');
  };
  await assert.rejects(upload('p', 'a/a.py', '', refused), UploadError);
});
