// A simulation server with the stand-in for Webots, and its clients.

import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Server, folder, program} from './server.mjs';

/** Below those that the system gives out by itself, for the browser's own connections have these. */
let nextPort = 10_000 + ((process.pid * 997) % 18_000);

/** A world without robots, so that a hundred of them are cheap. */
const EMPTY_WORLD = '#VRML_SIM R2021b utf8\nWorldInfo {\n  basicTimeStep 64\n}\n';

/** Starts a server with `slots` slots, and projects of these names with the world `empty.wbt`. */
export async function startSimulations({slots, projects = ['empty'], config = {}}) {
  const place = folder();
  for (const name of projects) {
    mkdirSync(join(place.path, 'projects', name, 'worlds'), {recursive: true});
    writeFileSync(join(place.path, 'projects', name, 'worlds', 'empty.wbt'), EMPTY_WORLD);
  }
  const port = (nextPort += slots + 1);
  const server = await Server.start('webots-simulation-server', {
    args: ['--port', String(port)],
    config: {
      webots: [program('webots-cloud'), 'standin'],
      webotsVersion: 'R2021b',
      sandbox: 'none',
      maxConnections: slots,
      projectsDir: join(place.path, 'projects'),
      instancesDir: join(place.path, 'instances'),
      ...config,
    },
  });
  const end = async () => {
    await server.end();
    place.remove();
  };
  return {server, projects: join(place.path, 'projects'), end};
}

/**
 * Starts simulations of these projects from a page of the browser, and waits until all have their
 * addresses. They run until the page is closed.
 */
export async function play(browser, simulations, projects) {
  const watched = await browser.page();
  const urls = projects.map(
    (name) => `file://${simulations.projects}/${encodeURIComponent(name)}/worlds/empty.wbt`,
  );
  await watched.page.evaluate(
    ({address, urls}) => {
      const start = (url) =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(address);
          socket.onopen = () => socket.send(JSON.stringify({start: {url}}));
          socket.onmessage = ({data}) => {
            if (data.startsWith('webots:')) resolve(data);
            if (data.startsWith('error:')) reject(new Error(data));
          };
          socket.onclose = () => reject(new Error('closed'));
        });
      return Promise.all(urls.map(start));
    },
    {address: simulations.server.url('/client', 'ws'), urls},
  );
  return watched;
}
