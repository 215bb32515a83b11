// Records what the stand-in says to a client, for the tests beside this file:
//   node --experimental-websocket test/record.mjs ../../target/debug/webots-cloud
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const world = new URL('../../projects/simple/worlds/simple.wbt', import.meta.url).pathname;
const [program] = process.argv.slice(2);

async function record(era, options, ready) {
  const place = createServer().listen(0, '127.0.0.1');
  await once(place, 'listening');
  const { port } = place.address();
  place.close();
  const webots = spawn(program, ['standin', '--batch', '--mode=pause', ...options(port), world]);
  for await (const line of createInterface({ input: webots.stdout })) if (line === ready) break;
  const frames = [];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const heard = (matches) =>
    new Promise((resolve) => {
      socket.addEventListener('message', function listen({ data }) {
        if (matches(data)) {
          socket.removeEventListener('message', listen);
          resolve();
        }
      });
    });
  socket.addEventListener('message', ({ data }) => frames.push(data));
  const say = async (text, until) => {
    const done = heard(until);
    socket.send(text);
    await done;
  };
  await once(socket, 'open');
  await say('x3d', (it) => it === 'scene load completed');
  await say('step', (it) => it === 'paused by client');
  let moves = 0;
  await say('real-time:-1', (it) => it.includes('translation') && (moves += 1) > 5);
  await say('pause', (it) => it === 'paused by client');
  if (era === 'legacy') await say('get controller:wander', (it) => it.startsWith('set controller:'));
  await say('reset', (it) => it === 'reset finished');
  await say(era === 'legacy' ? 'revert' : 'reload', (it) => it === 'scene load completed');
  socket.close();
  webots.kill();
  writeFileSync(new URL(`recorded/${era}.json`, import.meta.url), `${JSON.stringify(frames, null, 1)}\n`);
}

await record('legacy', (port) => [`--stream=port=${port};monitorActivity;controllerEdit`], 'open');
await record('modern', (port) => [`--port=${port}`, '--heartbeat=100', '--stream'], '.');
