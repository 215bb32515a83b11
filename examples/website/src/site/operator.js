/** The page for the operator: the servers, and where each tells of itself. */
import { element } from '../page/element.js';
import { showRoom } from './room.js';
import { settings } from './settings.js';

const PAGES = [
  ['monitor', 'Monitor'],
  ['load', 'Load'],
  ['metrics', 'Metrics'],
  ['readyz', 'Ready?'],
];

const site = await settings();
showRoom(document.getElementById('room'), site);
document
  .getElementById('servers')
  .append(
    server('Session server', site.session, 'Who may start a simulation, and where.'),
    ...site.simulations.map((address) =>
      server('Simulation server', address, 'The simulations of one machine.'),
    ),
  );

function server(name, address, text) {
  const links = PAGES.map(([path, label]) => element('a', { href: `${address}/${path}` }, label));
  return element(
    'li',
    {},
    element('h2', {}, name),
    element('p', {}, text),
    element('p', {}, address),
    element('nav', { 'aria-label': `${name} ${address}` }, ...links),
  );
}
