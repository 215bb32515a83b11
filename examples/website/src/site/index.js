/** The page of the worlds: each with its picture, and a button while there is room. */
import { element } from '../page/element.js';
import { showAccount } from './account.js';
import { showRoom } from './room.js';
import { settings } from './settings.js';

const site = await settings();
showAccount(document.getElementById('account'), site);

const starts = [];
document.getElementById('worlds').append(...site.worlds.map(card));
showRoom(document.getElementById('room'), site, (there) => {
  for (const start of starts) start.disabled = !there;
});

function card({ project, world, title, text, picture }) {
  const to = `simulation.html?${new URLSearchParams({ project, world })}`;
  const start = element(
    'button',
    { type: 'button', disabled: true, 'aria-label': `Start ${title}`, onclick: () => location.assign(to) },
    'Start',
  );
  starts.push(start);
  const image = picture ? [element('img', { src: picture, alt: '', width: 640, height: 400 })] : [];
  return element(
    'li',
    { className: 'world' },
    ...image,
    element('div', {}, element('h2', {}, title), element('p', {}, text), start),
  );
}
