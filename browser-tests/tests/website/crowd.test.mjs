// Sixty bodies that move all the time: the page keeps up with the stream.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Browser} from '../../browser.mjs';
import {until} from '../../server.mjs';
import {Demo, notBuilt, Visitor} from '../../website.mjs';

const BODIES = 60;
/** So long is looked at, milliseconds of simulated time. */
const SPAN = 5000;

const solid = (_, at) => `DEF B${at} Solid {
  translation ${at % 10} ${Math.floor(at / 10)} 0.2
  children [ Shape { appearance PBRAppearance { baseColor ${at / BODIES} 0.5 ${1 - at / BODIES} metalness 0 roughness 0.6 } geometry Box { size 0.4 0.4 0.4 } } ]
  name "b${at}"
  boundingObject Box { size 0.4 0.4 0.4 }
  physics Physics { }
}`;

const WORLD = `#VRML_SIM R2023b utf8
WorldInfo { title "A crowd" basicTimeStep 32 FPS 60 }
Viewpoint { position -4 2.5 8 orientation 0 1 0 0.8 }
Background { skyColor [ 0.7 0.8 0.9 ] }
DirectionalLight { direction 0.4 0.5 -1 intensity 2 castShadows TRUE }
${Array.from({length: BODIES}, solid).join('\n')}
Robot { translation 0 0 -5 name "mover" controller "wander" supervisor TRUE }
`;

const MOVER = `import math
from controller import Supervisor
mover = Supervisor()
step = int(mover.getBasicTimeStep())
places = [mover.getFromDef('B%d' % i).getField('translation') for i in range(${BODIES})]
while mover.step(step) != -1:
    for i, place in enumerate(places):
        angle = mover.getTime() + i
        place.setSFVec3f([i % 10 + 0.25 * math.cos(angle), i // 10 + 0.25 * math.sin(angle), 0.2])
`;

test(`${BODIES} moving bodies`, {skip: notBuilt}, async () => {
  const demo = await Demo.start({
    projects: {crowd: {'worlds/simple.wbt': WORLD, 'controllers/wander/wander.py': MOVER}},
  });
  const browser = await Browser.start({webgl: true});
  try {
    const visitor = new Visitor(await browser.page({width: 1000, height: 700}), demo.site);
    const {page} = visitor;
    await visitor.arrive();
    await visitor.start('crowd: simple');
    await visitor.press('Run');
    const figures = () => page.evaluate(() => ({...globalThis.view.figures, now: performance.now()}));
    await until('the start', async () => (await visitor.time()) > 500);
    const [before, from] = [await figures(), await visitor.time()];
    await until('some seconds', async () => (await visitor.time()) > from + SPAN);
    const [after, to] = [await figures(), await visitor.time()];
    const seconds = (after.now - before.now) / 1000;
    const rate = (name) => (after[name] - before[name]) / seconds;
    const late = (after.mean * after.drawn - before.mean * before.drawn) / (after.drawn - before.drawn);
    console.log(
      `${BODIES} bodies: ${rate('updates').toFixed(1)} updates and ${rate('drawn').toFixed(1)} frames a second, ` +
        `${late.toFixed(0)} ms from an update until it is seen (worst ${after.worst.toFixed(0)} ms), ` +
        `${((to - from) / 1000 / seconds).toFixed(2)} times the speed of the clock`,
    );
    await visitor.screenshot('crowd');
    assert.ok(rate('updates') > 5, 'updates come');
    assert.ok(after.drawn > before.drawn, 'and are seen');

    // Nothing waits in a queue: after a pause, a step is seen at once.
    await visitor.press('Pause');
    await page.locator('.webots-do-pause[aria-pressed=true]').waitFor();
    const paused = await visitor.time();
    await visitor.press('Step');
    const stepped = await until('a step', async () => (await visitor.time()) > paused && visitor.time());
    assert.ok(stepped - paused < 1000, `the page was ${stepped - paused} ms behind`);
    await visitor.watched.close();
  } finally {
    await browser.close();
    await demo.end();
  }
});
