// The three servers apart, where a test has to have its hands in between.

import {once} from 'node:events';
import {cpSync, writeFileSync} from 'node:fs';
import {createServer, connect} from 'node:net';
import {join} from 'node:path';
import {folder, program, SAMPLES, Server} from './server.mjs';
import {WEBSITE} from './website.mjs';

/** Session server, simulation server and site, with a door in between that says what load the test wants. */
export class Cloud {
  /** `simulation`: more of the simulation server's configuration; `worlds`: what the site offers. */
  static async start({simulation = {}, worlds = [['simple', 'simple.wbt']]} = {}) {
    const cloud = new Cloud();
    cloud.folder = folder();
    cloud.projects = SAMPLES;
    const places = simulation.maxConnections ?? 4;
    cloud.simulation = await Server.start('webots-simulation-server', {
      args: ['--port', String(await freePorts(1 + places))],
      config: {
        projectsDir: SAMPLES,
        instancesDir: join(cloud.folder.path, 'instances'),
        webots: [program('webots-cloud'), 'standin'],
        webotsVersion: 'R2021b',
        sandbox: 'none',
        network: 'host',
        maxConnections: places,
        ...simulation,
      },
    });
    cloud.door = await Door.open(cloud.simulation.port);
    cloud.session = await Server.start('webots-session-server', {
      config: {simulationServers: [`localhost:${cloud.door.port}`], loadRefresh: 0.2},
    });
    const site = join(cloud.folder.path, 'site');
    cpSync(join(WEBSITE, 'dist'), site, {recursive: true});
    const settings = {session: cloud.session.port, simulations: [cloud.simulation.port], worlds, users: []};
    writeFileSync(join(site, 'settings.json'), JSON.stringify(settings));
    cloud.website = await Server.start('webots-website-host', {
      config: {site, projectsDir: SAMPLES, usersDir: cloud.folder.path, key: 'nobody asks for it'},
    });
    cloud.site = `http://localhost:${cloud.website.port}/`;
    return cloud;
  }

  async end() {
    for (const server of [this.website, this.session, this.simulation]) await server?.end();
    this.door?.close();
    this.folder.remove();
  }
}

/** The first of so many free ports: instances have those after their server's. */
async function freePorts(count) {
  for (;;) {
    const doors = [];
    try {
      for (let at = 0; at < count; at += 1) {
        const door = createServer();
        doors.push(door);
        door.listen(doors.length > 1 ? doors[0].address().port + at : 0);
        await once(door, 'listening');
      }
      return doors[0].address().port;
    } catch (error) {
      if (error.code !== 'EADDRINUSE' && error.code !== 'ERR_SOCKET_BAD_PORT') throw error;
    } finally {
      for (const door of doors) door.close();
    }
  }
}

/** Passes everything on to the simulation server but questions for its load, which it answers itself. */
class Door {
  load = 0;
  #open = new Set();

  static async open(port) {
    const door = new Door();
    door.server = createServer((client) => door.#enter(client, port));
    await new Promise((listening) => door.server.listen(0, listening));
    door.port = door.server.address().port;
    return door;
  }

  #enter(client, port) {
    this.#open.add(client);
    client.on('close', () => this.#open.delete(client));
    client.on('error', () => client.destroy());
    client.once('data', (head) => {
      if (head.toString().startsWith('GET /load')) {
        const body = String(this.load);
        client.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
        return;
      }
      const inside = connect(port, '127.0.0.1');
      inside.on('error', () => client.destroy());
      client.on('close', () => inside.destroy());
      inside.on('close', () => client.destroy());
      inside.write(head);
      client.pipe(inside).pipe(client);
    });
  }

  /** Breaks every connection that goes through it, as a cable that is pulled. */
  breakAll() {
    for (const client of this.#open) client.resetAndDestroy();
  }

  close() {
    this.breakAll();
    this.server.close();
  }
}
