// Takes the pictures of the sample worlds that the website shows: `node pictures.mjs`.

import {join} from 'node:path';
import {Browser} from './browser.mjs';
import {until} from './server.mjs';
import {Demo, Visitor, WEBSITE} from './website.mjs';

/** After so much simulated time there is something to be seen, milliseconds. */
const LATER = 3000;

const browser = await Browser.start({webgl: true});
const demo = await Demo.start();
try {
  for (const [title, name] of [
    ['An arena', 'simple'],
    ['A maze', 'maze'],
    ['Football', 'football'],
  ])
    await take(title, name);
} finally {
  await demo.end();
  await browser.close();
}

async function take(title, name) {
  const {page} = await browser.page({width: 640, height: 512});
  const visitor = new Visitor({page, open: (url) => page.goto(url)}, demo.site);
  await visitor.arrive();
  await visitor.start(title);
  await visitor.press('Run');
  await until('something to be seen', async () => (await visitor.time()) > LATER);
  await visitor.press('Pause');
  const world = page.locator('.webots-picture');
  await world.evaluate((world) =>
    Object.assign(world.style, {
      position: 'fixed',
      zIndex: 9,
      width: '640px',
      height: '400px',
      inset: '0 auto auto 0',
    }),
  );
  const drawn = () => page.evaluate(() => globalThis.view.figures.drawn);
  const before = await drawn();
  await visitor.press('Back to the first view');
  await until('a frame', async () => (await drawn()) > before);
  await world.screenshot({path: join(WEBSITE, `pages/pictures/${name}.jpg`), type: 'jpeg', quality: 82});
  await page.close();
}
