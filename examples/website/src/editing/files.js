/**
 * The controllers' files in the editor. For each file it knows four texts: what the instance had at
 * first, what it has now, what the website has, and what is being written. Nothing here talks to
 * anybody.
 */
export class Files {
  #files = new Map();

  /** @param {boolean} kept whether there is a website that keeps what is saved: a user is logged in */
  constructor(kept) {
    this.kept = kept;
  }

  /** Paths `DIR/FILE`, in the order in which they came. */
  get paths() {
    return [...this.#files.keys()];
  }

  get(path) {
    return this.#files.get(path);
  }

  /**
   * A file comes from the instance. What is being written stays, unless it was asked to be replaced:
   * then the new text is shown. Returns whether the text in the editor has changed.
   */
  receive(path, text, replace = false) {
    const file = this.#files.get(path);
    if (!file) {
      this.#files.set(path, { first: text, instance: text, website: text, text });
      return true;
    }
    const touched = file.text !== file.instance;
    file.instance = text;
    if (touched && !replace) return false;
    const changed = file.text !== text;
    file.text = text;
    return changed;
  }

  write(path, text) {
    const file = this.#files.get(path);
    if (file) file.text = text;
  }

  /** The website keeps this text. */
  keep(path, text) {
    this.#files.get(path).website = text;
  }

  /** The instance has this text. */
  send(path, text) {
    this.#files.get(path).instance = text;
  }

  /** Another instance has started, with files of its own. What was changed is still to be sent. */
  restart() {
    for (const [path, file] of this.#files) {
      if (this.isAtRisk(path)) file.instance = undefined;
      else this.#files.delete(path);
    }
  }

  /** Is there something in this file that would be lost if the page were closed now? */
  isAtRisk(path) {
    const file = this.#files.get(path);
    return Boolean(file) && file.text !== (this.kept ? file.website : file.first);
  }

  /** Is there something in this file that the instance does not have yet? */
  isUnsent(path) {
    const file = this.#files.get(path);
    return Boolean(file) && file.text !== file.instance;
  }

  get atRisk() {
    return this.paths.filter((path) => this.isAtRisk(path));
  }

  get unsent() {
    return this.paths.filter((path) => this.isUnsent(path));
  }
}
