import { getController, setController, syncController } from '../stream/commands.js';
import { upload } from './upload.js';

/**
 * What is done with the controllers' files: they come from the instance, are saved on the website for a
 * user, and go back to the instance before a reset (W3.7).
 */
export class Desk {
  #files;
  #editor;
  #project;
  #view;
  #replace = new Set();

  /**
   * @param {import('./files.js').Files} files
   * @param {import('../page/editor.js').Editor} editor
   * @param {string} project
   * @param {{play: () => import('../play.js').Play | undefined, restart: () => void}} view
   */
  constructor(files, editor, project, view) {
    this.#files = files;
    this.#editor = editor;
    this.#project = project;
    this.#view = view;
  }

  /** A world is there: asks for the files of its controllers. */
  started(controllers) {
    for (const folder of controllers) this.#stream(getController(folder));
  }

  /** A file comes from the instance. */
  receive({ folder, file, content }) {
    const path = `${folder}/${file}`;
    const replace = this.#replace.delete(path);
    const changed = this.#files.receive(path, content, replace);
    this.#editor.refresh();
    if (changed && (replace || this.#editor.shown === path)) this.#editor.show(path);
    if (replace) this.#editor.say('This is the original. The robot has it after a reset.');
    else if (changed) this.#editor.say('');
  }

  /** Saves a file. Before the first step the robot gets it at once, later at the next reset. */
  async save(path) {
    if (!(await this.#keep(path))) return;
    if (this.#view.play()?.time === 0 && this.#files.isUnsent(path)) {
      this.#send(path);
      this.#view.restart();
      this.#editor.say('Saved. The robot has it.');
    } else {
      this.#editor.say(this.#files.isUnsent(path) ? 'Saved. The robot has it after a reset.' : 'Saved.');
    }
    this.#editor.refresh();
  }

  /** Before a reset: saves and sends all that was changed. */
  async sendAll() {
    for (const path of this.#files.unsent) {
      if (await this.#keep(path)) this.#editor.say('Saved. The robot has it.');
      this.#send(path);
    }
    this.#editor.refresh();
  }

  /** Saves on the website all that it does not have. Says whether it took everything. */
  async keepAll() {
    for (const path of this.#files.atRisk) if (!(await this.#keep(path))) return false;
    this.#editor.refresh();
    return true;
  }

  /** The instance has the original. */
  restored(path) {
    this.#replace.add(path);
    this.#stream(syncController(path));
  }

  /** Keeps a file on the website, if there is one that keeps; says what went wrong. */
  async #keep(path) {
    const { text } = this.#files.get(path);
    if (!this.#files.kept) return true;
    try {
      this.#editor.say('Saving…');
      await upload(this.#project, path, text);
      this.#files.keep(path, text);
      return true;
    } catch (error) {
      this.#editor.say(`Not saved: ${error.message}`, true);
      return false;
    }
  }

  #stream(frame) {
    this.#view.play()?.stream?.send(frame);
  }

  #send(path) {
    const { text } = this.#files.get(path);
    this.#stream(setController(path, text));
    this.#files.send(path, text);
  }
}
