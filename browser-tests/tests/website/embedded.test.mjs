// A page of somebody else with a simulation in it, as the book shows how.

import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {Browser} from '../../browser.mjs';
import {Cloud} from '../../cloud.mjs';
import {until} from '../../server.mjs';
import {notBuilt, Visitor} from '../../website.mjs';

const NASTY = '"], {}\\ </script><b>é';

const page = (address) => `<!DOCTYPE html>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="webots.css">
<script>globalThis.webots = {showQuit: false, User1Name: ${JSON.stringify(NASTY).replaceAll('<', '\\u003c')}};</script>
<div id="view" style="height: 30rem"></div>
<script type="module">
  import './webots.js';
  webots.CustomData = ${JSON.stringify(NASTY).replaceAll('<', '\\u003c')};
  webots.showRevert = false;
  globalThis.told = [];
  const view = new webots.View(document.getElementById('view'), false);
  globalThis.view = view;
  for (const name of ['onready', 'onclose', 'onerror', 'onquit']) view[name] = (text) => told.push([name, text].filter(Boolean).join(': '));
  view.setTimeout(1);
  view.setWebotsDocUrl('http://localhost/doc');
  view.open(${JSON.stringify(address)});
</script>`;

test('with the parameters and calls of the specification', {skip: notBuilt}, async () => {
  const [browser, cloud] = await Promise.all([Browser.start({webgl: true}), Cloud.start()]);
  try {
    const address = `ws://localhost:${cloud.session.port}/simple/worlds/simple.wbt`;
    writeFileSync(join(cloud.folder.path, 'site/embedded.html'), page(address));
    const watched = await browser.page();
    const visitor = new Visitor(watched, cloud.site);
    let init;
    let client;
    watched.page.on('websocket', (socket) => {
      if (!socket.url().includes('/client')) return;
      client = socket.url();
      socket.on('framesent', ({payload}) => ({init} = JSON.parse(payload)));
    });
    await watched.open(`${cloud.site}embedded.html`);
    await visitor.worldIsThere();
    assert.match(client, /\/client\?session=[0-9a-f]{16}$/, 'the session is called the same in all logs');
    assert.deepEqual(init, [cloud.site.slice(0, -1), 'simple', 'simple.wbt', '', NASTY, '', '', '', NASTY]);
    for (const name of ['Reload the world', 'Quit'])
      assert.equal(await visitor.button(name).isVisible(), false, name);
    await visitor.press('Help');
    const link = watched.page.getByRole('link', {name: 'documentation'});
    assert.equal(await link.getAttribute('href'), 'http://localhost/doc');
    await watched.page.keyboard.press('Escape');

    await visitor.press('Run');
    await watched.page.getByText('nobody was at the controls for 1 s').waitFor();
    await visitor.screenshot('embedded');
    assert.ok((await visitor.settled()) >= 1000);

    await watched.page.evaluate(() => globalThis.view.close());
    await until('the end', () => watched.page.evaluate(() => globalThis.told.length === 2));
    assert.deepEqual(await watched.page.evaluate(() => globalThis.told), ['onready', 'onclose']);
    await watched.close();
  } finally {
    await browser.close();
    await cloud.end();
  }
});
