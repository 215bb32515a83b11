/** The page of one simulation: `?project=…&world=…`, or `?url=…` for anything that `View.open` takes. */
import { webots } from '../webots.js';
import { showAccount, user } from './account.js';
import { settings, worldAddress } from './settings.js';

/** A class has time to read a controller before its simulation pauses: seconds. */
const TIMEOUT = 600;

const site = await settings();
const asked = new URLSearchParams(location.search);
const [project, world] = [asked.get('project') ?? '', asked.get('world') ?? ''];
showTitle(
  site.worlds.find((it) => it.project === project && it.world === world)?.title ?? (world || 'Simulation'),
);
showAccount(document.getElementById('account'), site);

// A link may lead to any server, which is not to be told who somebody is here.
const who = asked.has('url') ? undefined : user(site);
if (who)
  Object.assign(webots, { User1Id: who.id, User1Name: who.name, User1Authentication: who.authentication });
webots.CustomData = asked.get('data') ?? '';

const view = new webots.View(document.getElementById('view'), matchMedia('(pointer: coarse)').matches);
view.setTimeout(TIMEOUT);
view.broadcast = asked.has('broadcast');
view.onready = () => asked.has('url') && view.world.title && showTitle(view.world.title);
view.onquit = () => location.assign('./');
view.open(asked.get('url') ?? worldAddress(site, project, world), asked.get('mode') ?? undefined);

// For whoever looks closer, from the browser's console or a test.
globalThis.view = view;

function showTitle(title) {
  document.title = title;
  document.getElementById('title').textContent = title;
}
