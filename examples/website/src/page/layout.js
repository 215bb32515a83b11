import { Console } from './console.js';
import { Editor } from './editor.js';
import { element } from './element.js';
import { Stage } from './stage.js';
import { Toolbar } from './toolbar.js';

/** Where everything is: the world, the editor beside it, the console and the toolbar below. */
export class Layout {
  stage = new Stage();
  console = new Console();
  toolbar;
  #host;
  #editor;
  #beside = element('div', { className: 'webots-beside' });

  /** @param {HTMLElement} host is filled @param {boolean} mobile @param {object} commands */
  constructor(host, mobile, commands) {
    this.#host = host;
    this.toolbar = new Toolbar(commands);
    host.classList.add('webots-view');
    host.classList.toggle('webots-mobile', mobile);
    this.#beside.append(this.stage.element);
    host.replaceChildren(this.#beside, this.console.element, this.toolbar.element);
  }

  /** An editor for these files, in the place of the one before. */
  edit(files, commands) {
    const open = this.#editor?.open ?? false;
    this.#editor?.element.remove();
    this.#editor = new Editor(files, { ...commands, close: commands.editor });
    this.#beside.append(this.#editor.element);
    this.#editor.setOpen(open);
    return this.#editor;
  }

  /** @param {'console'|'editor'} panel */
  toggle(panel) {
    if (panel === 'console') {
      this.console.open = !this.console.open;
      this.toolbar.showPanel('console', this.console.open);
    } else if (this.#editor) {
      this.#editor.setOpen(!this.#editor.open);
      this.toolbar.showPanel('editor', this.#editor.open);
    }
  }

  toggleFullScreen() {
    // Devices without it say so by a refusal, which changes nothing.
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    else this.#host.requestFullscreen?.().catch(() => {});
  }
}
