import { element } from './element.js';

/**
 * Asks; resolves to the name of the button that was pressed, or to `undefined` if the question was
 * closed.
 *
 * @param {HTMLElement} host @param {string} title @param {string} text @param {string[]} answers
 * @returns {Promise<string | undefined>}
 */
export function ask(host, title, text, answers) {
  return new Promise((resolve) => {
    let answer;
    const buttons = answers.map((name) =>
      element(
        'button',
        {
          type: 'button',
          onclick: () => {
            answer = name;
            dialog.close();
          },
        },
        name,
      ),
    );
    const dialog = shown(
      host,
      title,
      element('p', {}, text),
      element('div', { className: 'webots-actions' }, ...buttons),
    );
    dialog.addEventListener('close', () => resolve(answer));
  });
}

const KEYS = [
  ['Space', 'run, pause'],
  ['.', 'one step'],
  ['F', 'run as fast as possible'],
  ['R', 'reset'],
  ['C', 'console'],
  ['E', 'editor'],
  ['?', 'this help'],
  ['Arrows', 'look around; with Shift: move'],
  ['+  −', 'nearer, away'],
  ['Home', 'back to the first view'],
  ['Ctrl S', 'save the file in the editor'],
];

/** @param {HTMLElement} host @param {string} [documentation] the address of Webots' documentation */
export function help(host, documentation) {
  const rows = KEYS.map(([key, what]) =>
    element('tr', {}, element('th', { scope: 'row' }, element('kbd', {}, key)), element('td', {}, what)),
  );
  const about = element(
    'p',
    {},
    'Drag to look around, with the right button to move; turn the wheel to come nearer. ' +
      'With fingers: one looks around, two move and zoom.',
  );
  const link = documentation
    ? [
        element(
          'p',
          {},
          element(
            'a',
            { href: documentation, target: '_blank', rel: 'noopener' },
            'The documentation of Webots',
          ),
        ),
      ]
    : [];
  shown(host, 'Help', about, element('table', {}, element('tbody', {}, ...rows)), ...link);
}

function shown(host, title, ...content) {
  const close = element(
    'button',
    { type: 'button', className: 'webots-close', 'aria-label': 'Close', onclick: () => dialog.close() },
    '×',
  );
  const dialog = element(
    'dialog',
    { className: 'webots-dialog', 'aria-label': title },
    element('header', {}, element('h2', {}, title), close),
    ...content,
  );
  host.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
  return dialog;
}
