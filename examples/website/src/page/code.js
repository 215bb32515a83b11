import { cpp } from '@codemirror/lang-cpp';
import { python } from '@codemirror/lang-python';
import { EditorState } from '@codemirror/state';
import { oneDark } from '@codemirror/theme-one-dark';
import { basicSetup, EditorView } from 'codemirror';

/** What a file is written in, by the end of its name. */
const LANGUAGES = { py: python, c: cpp, cc: cpp, cpp, h: cpp, hpp: cpp };

/** The editor component: one text at a time, each with a history of its own. */
export class Code {
  #view;
  #parent;
  #changed;
  #states = new Map();
  #path;

  /** @param {HTMLElement} parent @param {(path: string, text: string) => void} changed */
  constructor(parent, changed) {
    this.#parent = parent;
    this.#changed = changed;
  }

  /** Shows a file. A text that is not the one it had replaces it. */
  show(path, text) {
    if (this.#view && this.#path) this.#states.set(this.#path, this.#view.state);
    this.#path = path;
    const known = this.#states.get(path);
    const state = known?.doc.toString() === text ? known : this.#fresh(path, text);
    this.#view ??= new EditorView({ parent: this.#parent });
    this.#view.setState(state);
  }

  focus() {
    this.#view?.focus();
  }

  #fresh(path, text) {
    const language = LANGUAGES[path.split('.').pop()];
    const listen = EditorView.updateListener.of((update) => {
      if (update.docChanged) this.#changed(path, update.state.doc.toString());
    });
    const name = EditorView.contentAttributes.of({ 'aria-label': path });
    const extensions = [basicSetup, oneDark, listen, name, ...(language ? [language()] : [])];
    return EditorState.create({ doc: text, extensions });
  }
}
