// The monitor page of a session server with 200 simulation servers, in a browser.

import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {after, before, test} from 'node:test';
import {Browser} from '../browser.mjs';
import {Server, until} from '../server.mjs';

const COUNT = 200;
const FULL = 40;
const SILENT = 10;

let browser, server;
const fakes = [];

/** The load of the fake server with this number: the last are full, and the very last are silent. */
const loads = Array.from({length: COUNT}, (_, number) =>
  number >= COUNT - SILENT ? null : number >= COUNT - SILENT - FULL ? 97.5 : number / 2);

before(async () => {
  for (const number of loads.keys()) {
    const fake = createServer((_, response) => {
      const load = loads[number];
      if (load === null) return response.destroy();
      response.setHeader('webots-cloud-slots', '30');
      response.end(String(load));
    });
    await new Promise((listening) => fake.listen(0, '127.0.0.1', listening));
    fakes.push(fake);
  }
  const simulationServers = fakes.map((fake) => `127.0.0.1:${fake.address().port}`);
  server = await Server.start('webots-session-server', {config: {simulationServers, loadRefresh: 1}});
  browser = await Browser.start();
});

after(async () => {
  await browser?.close();
  await server?.end();
  for (const fake of fakes) {
    fake.closeAllConnections();
    fake.close();
  }
});

async function open(options) {
  const watched = await browser.page(options);
  await watched.open(server.url('/monitor'));
  return {watched, page: watched.page};
}

const rows = (page) => page.locator('.servers tbody tr:visible');
const column = (page, number) => rows(page).locator(`td:nth-child(${number})`).allInnerTexts();

test('each server has its load, state and reservations, and a link to its own page', async () => {
  const {watched, page} = await open();
  assert.equal(await rows(page).count(), COUNT);
  const address = `127.0.0.1:${fakes[3].address().port}`;
  assert.match(await rows(page).nth(3).innerText(), new RegExp(
    `^4\\t${address}\\tfree\\t\\d+ s\\t1\\.5%\\s*\\t\\d+\\t30$`));
  const link = rows(page).nth(3).getByRole('link');
  assert.equal(await link.getAttribute('href'), `http://${address}/monitor`);
  assert.match(await rows(page).last().innerText(), /silent\s*\n.*\n?.*N\/A/);
  await watched.screenshot('servers-200');
  await watched.close();
});

test('a new state is shown by itself', async () => {
  const {watched, page} = await open();
  const state = rows(page).first().locator('.pill');
  assert.equal(await state.innerText(), 'free');
  loads[0] = 99;
  await until('the new state', async () => (await state.innerText()) === 'full');
  loads[0] = 0;
  await until('the old state', async () => (await state.innerText()) === 'free');
  // A place that is handed out is on its way there.
  await server.text('/session');
  await until('a reservation', async () => (await column(page, 6)).includes('1'));
  await watched.close();
});

test('servers are found by their state and by any text, and sorted by their load', async () => {
  const {watched, page} = await open();
  const shown = async (name, count) => {
    await page.getByRole('button', {name: new RegExp(`^${name} \\d+$`)}).click();
    assert.equal(await rows(page).count(), count, name);
  };
  await shown('silent', SILENT);
  await shown('full', FULL);
  await shown('free', COUNT - SILENT - FULL);
  await shown('all', COUNT);

  await page.getByRole('columnheader', {name: 'load'}).getByRole('button').click();
  const sorted = (await column(page, 5)).map((text) => parseFloat(text));
  const known = sorted.filter((load) => !Number.isNaN(load));
  assert.deepEqual(known, known.toSorted((a, b) => b - a));
  assert.ok(sorted.slice(-SILENT).every(Number.isNaN), 'what is not known is last');

  await page.getByLabel('Filter the servers').fill(String(fakes[7].address().port));
  assert.ok((await column(page, 1)).includes('8'));
  await watched.screenshot('servers-filtered');
  await watched.close();
});

test('the focus stays where it is while the page is brought up to date', async () => {
  const {watched, page} = await open();
  await page.getByRole('columnheader', {name: 'load'}).getByRole('button').click();
  const link = rows(page).nth(5).getByRole('link');
  await link.focus();
  for (let update = 0; update < 2; update++) await page.waitForResponse('**/monitor.json*');
  assert.ok(await link.evaluate((link) => link === document.activeElement));
  await watched.close();
});

for (const dark of [false, true]) {
  test(`it is readable on a phone, ${dark ? 'dark' : 'light'}`, async () => {
    const {watched, page} = await open({width: 390, height: 844, dark});
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 390, 'nothing sticks out');
    await page.getByRole('button', {name: /^silent/}).click();
    await watched.screenshot(`servers-phone-${dark ? 'dark' : 'light'}`);
    await watched.close();
  });
}
