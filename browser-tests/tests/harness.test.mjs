// The tests' own eyes: what they are to find, they find.

import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {after, before, test} from 'node:test';
import {Browser} from '../browser.mjs';

let browser, server, html;

before(async () => {
  browser = await Browser.start();
  server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
});

after(async () => {
  await browser?.close();
  server?.close();
});

async function look(text) {
  html = `<!DOCTYPE html><link rel="icon" href="data:,">${text}`;
  const watched = await browser.page();
  await watched.open(`http://127.0.0.1:${server.address().port}/`);
  await watched.page.close();
  return watched;
}

test('a quiet page is quiet', async () => {
  (await look('<p>hello')).assertQuiet();
});

test('a request to another host is found', async () => {
  const watched = await look('<img src="http://other.invalid/picture.png">');
  assert.deepEqual(watched.foreign, ['http://other.invalid/picture.png']);
  assert.throws(() => watched.assertQuiet(), /other hosts/);
});

test('what scripts complain of is found', async () => {
  const watched = await look('<script>console.error("a"); throw new Error("b")</script>');
  assert.deepEqual(watched.errors, ['a', 'Error: b']);
  assert.throws(() => watched.assertQuiet(), /errors on the page/);
});
