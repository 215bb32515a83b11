import { ask } from '../page/dialogs.js';

/**
 * Asks whoever would lose what they have written. Says whether they leave.
 *
 * @param {HTMLElement} host
 * @param {import('./files.js').Files} files
 * @param {import('./desk.js').Desk} desk
 */
export async function mayLeave(host, files, desk) {
  const lost = files.atRisk;
  if (lost.length === 0) return true;
  const why = files.kept
    ? 'The website does not have it yet.'
    : 'Nobody is logged in, so that it is kept nowhere. “Download” in the editor keeps it on this computer.';
  const text = `You have changed ${lost.join(', ')}. ${why}`;
  const answers = files.kept ? ['Save and quit', 'Stay', 'Quit anyway'] : ['Stay', 'Quit anyway'];
  const answer = await ask(host, 'Changes will be lost', text, answers);
  if (answer === 'Save and quit') return desk.keepAll();
  return answer === 'Quit anyway';
}
