// Debian's Chromium, for tests: on loopback only, and what goes wrong on a page is remembered.

import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {chromium} from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const SCREENSHOTS =
  process.env.SCREENSHOTS ?? new URL('../target/screenshots', import.meta.url).pathname;

/** Nothing of a browser's own business: no updates, no look at the network, no names of hosts. */
const FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]',
];

/** Three dimensions without a graphics card. */
const WEBGL = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/** The least wait for what should take milliseconds, on a machine that is busy with something else. */
export const SOON = 30_000;

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Whether a request stays on this machine. */
export function staysHere(url) {
  const {protocol, hostname} = new URL(url);
  return protocol === 'data:' || protocol === 'blob:' || protocol === 'about:' || LOOPBACK.has(hostname);
}

/** A browser with a fresh profile. To be closed. */
export class Browser {
  /** `webgl`: pages can draw in three dimensions. */
  static async start({webgl = false} = {}) {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), 'browser-'));
    browser.context = await chromium.launchPersistentContext(browser.profile, {
      executablePath: CHROMIUM,
      args: webgl ? [...FLAGS, ...WEBGL] : FLAGS,
      chromiumSandbox: false,
    });
    return browser;
  }

  /** An empty page. `options`: `width`, `height`, `dark`. */
  async page({width = 1280, height = 900, dark = false} = {}) {
    const page = await this.context.newPage();
    page.setDefaultTimeout(SOON);
    await page.setViewportSize({width, height});
    await page.emulateMedia({colorScheme: dark ? 'dark' : 'light'});
    return new Watched(page);
  }

  async close() {
    await this.context.close();
    rmSync(this.profile, {recursive: true, force: true});
  }
}

/** A page and what went wrong on it; the page itself is `page`, by Playwright. */
export class Watched {
  /** What the page and its scripts complained of. */
  errors = [];
  /** Requests to other hosts. They do not get there. */
  foreign = [];

  constructor(page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('websocket', (socket) => this.#look(socket.url()));
    page.on('request', (request) => this.#look(request.url()));
    this.ready = page.route((url) => !staysHere(url.href), (route) => route.abort());
  }

  #look(url) {
    if (!staysHere(url)) this.foreign.push(url);
  }

  async open(url) {
    await this.ready;
    return this.page.goto(url);
  }

  /** Keeps a picture of the whole page among the artefacts. */
  async screenshot(name) {
    mkdirSync(SCREENSHOTS, {recursive: true});
    await this.page.screenshot({path: join(SCREENSHOTS, `${name}.png`), fullPage: true});
  }

  /** That nothing went wrong so far. */
  assertQuiet() {
    assert.deepEqual(this.foreign, [], 'requests to other hosts');
    assert.deepEqual(this.errors, [], 'errors on the page');
  }

  /** Closes the page, on which nothing went wrong. */
  async close() {
    await this.page.close();
    this.assertQuiet();
  }
}
