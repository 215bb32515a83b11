/** Which key does what; Space and Home are the view's own. */
const KEYS = { '.': 'step', f: 'fast', r: 'reset', c: 'console', e: 'editor', '?': 'help' };

/**
 * Makes keys of the view do what buttons do, but not while somebody writes.
 *
 * @param {HTMLElement} view
 * @param {Record<string, () => void>} commands
 * @param {() => 'run'|'pause'} toggled what Space means now
 */
export function listenToKeys(view, commands, toggled) {
  view.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest('input, select, textarea, dialog, .cm-editor')) return;
    const button = event.target.closest('button, a');
    const command = event.key === ' ' ? !button && toggled() : KEYS[event.key.toLowerCase()];
    if (!command) return;
    event.preventDefault();
    commands[command]();
  });
}
