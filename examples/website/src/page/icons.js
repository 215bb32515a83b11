/** Drawings on a field of 24 by 24. */
const drawings = {
  run: '<path d="M7 4.5v15l12-7.5z" fill="currentColor"/>',
  pause: '<path d="M7 5h3.5v14H7zM13.5 5H17v14h-3.5z" fill="currentColor"/>',
  step: '<path d="M5 5v14l10-7z" fill="currentColor"/><path d="M16 5h3v14h-3z" fill="currentColor"/>',
  fast: '<path d="M3 5v14l9-7zM12 5v14l9-7z" fill="currentColor"/>',
  reset: '<path d="M19 5v14L9 12z" fill="currentColor"/><path d="M5 5h3v14H5z" fill="currentColor"/>',
  reload: '<path d="M19 12a7 7 0 1 1-2.3-5.2"/><path d="M19.5 3.5v4.8h-4.8"/>',
  console: '<rect x="3" y="4.5" width="18" height="15" rx="2"/><path d="m7 9 3 3-3 3M12.5 15.5H17"/>',
  editor: '<path d="m8.5 7-5 5 5 5M15.5 7l5 5-5 5M13.3 4.5l-2.6 15"/>',
  view: '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>',
  fullScreen: '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
  help: '<circle cx="12" cy="12" r="9"/><path d="M9.3 9.4a2.8 2.8 0 1 1 4 2.6c-.9.5-1.3 1-1.3 2M12 16.8v.4"/>',
  quit: '<path d="M6.5 6.8a7.5 7.5 0 1 0 11 0M12 3.5V12"/>',
  close: '<path d="m6 6 12 12M18 6 6 18"/>',
};

/** @param {keyof typeof drawings} name */
export function icon(name) {
  const template = document.createElement('template');
  template.innerHTML = `<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.8"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${drawings[name]}</svg>`;
  return template.content.firstChild;
}
