import { element } from './element.js';
import { icon } from './icons.js';

/** The panel with the controllers' files. What its buttons do is the view's to say. */
export class Editor {
  #files;
  #code;
  #path;
  #choice = element('select', { 'aria-label': 'File', onchange: () => this.show(this.#choice.value) });
  #status = element('span', { className: 'webots-editor-status', role: 'status' });
  #place = element('div', { className: 'webots-code' });
  #save;
  #original;

  /**
   * @param {import('../editing/files.js').Files} files
   * @param {{save: (path: string) => void, original: (path: string) => void, close: () => void}} commands
   */
  constructor(files, commands) {
    this.#files = files;
    const button = (name, title, onclick) => element('button', { type: 'button', title, onclick }, name);
    this.#save = button(
      'Save',
      files.kept ? 'Keep it on the website; the robot has it after a reset' : 'Give it to the robot',
      () => commands.save(this.#path),
    );
    this.#original = button('Original', 'Back to the original of this file', () =>
      commands.original(this.#path),
    );
    const download = button('Download', 'To a file on this computer', () => this.#download());
    const close = element(
      'button',
      {
        type: 'button',
        className: 'webots-close',
        'aria-label': 'Close the editor',
        onclick: commands.close,
      },
      icon('close'),
    );
    this.element = element(
      'section',
      { className: 'webots-editor', 'aria-label': 'Editor', hidden: true },
      element('header', {}, this.#choice, this.#status, close),
      this.#place,
      element('footer', {}, this.#save, this.#original, download),
    );
    this.element.addEventListener('keydown', (event) => {
      if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (this.#path) commands.save(this.#path);
    });
    this.refresh();
  }

  get open() {
    return !this.element.hidden;
  }

  /** Opens or closes the panel. The editor component is loaded when it is needed first. */
  async setOpen(open) {
    this.element.hidden = !open;
    if (!open || this.#code) return;
    const { Code } = await import('./code.js');
    this.#code ??= new Code(this.#place, (path, text) => {
      this.#files.write(path, text);
      this.refresh();
    });
    if (this.#path) this.show(this.#path);
  }

  /** Files have come, or are gone. */
  refresh() {
    const { paths } = this.#files;
    const name = (path) =>
      `${path.split('/')[1]}${this.#files.isAtRisk(path) || this.#files.isUnsent(path) ? ' •' : ''}`;
    const grouped = Map.groupBy(paths, (path) => path.split('/')[0]);
    this.#choice.replaceChildren(
      ...[...grouped].map(([folder, its]) =>
        element(
          'optgroup',
          { label: folder },
          ...its.map((path) => element('option', { value: path }, name(path))),
        ),
      ),
    );
    if (!paths.includes(this.#path)) this.#path = paths[0];
    if (this.#path) this.#choice.value = this.#path;
    this.#choice.hidden = paths.length === 0;
    for (const button of [this.#save, this.#original]) button.disabled = !this.#path;
    if (paths.length === 0) this.say('This simulation shows no controllers.');
  }

  /** Shows a file as it is now. */
  show(path = this.#path) {
    const file = this.#files.get(path);
    if (!file) return;
    this.#path = path;
    this.#choice.value = path;
    this.#code?.show(path, file.text);
  }

  /** The path of the file that is shown. */
  get shown() {
    return this.#path;
  }

  say(text, wrong = false) {
    this.#status.textContent = text;
    this.#status.classList.toggle('webots-wrong', wrong);
  }

  #download() {
    const file = this.#files.get(this.#path);
    if (!file) return;
    const url = URL.createObjectURL(new Blob([file.text], { type: 'text/plain' }));
    element('a', { href: url, download: this.#path.split('/')[1] }).click();
    URL.revokeObjectURL(url);
  }
}
