/** The website did not take a file; the text says why. */
export class UploadError extends Error {}

/**
 * Saves a controller's file on the website (W4.2). The browser's cookies say whose it is.
 *
 * @param {string} project
 * @param {string} path `DIR/FILE`
 * @param {string} content
 */
export async function upload(project, path, content, fetch = globalThis.fetch) {
  const [folder, file] = path.split('/');
  // Not FormData, which would change the line ends.
  const body = new URLSearchParams({ dirname: `${project}/controllers/${folder}`, filename: file, content });
  let said;
  try {
    said = await (await fetch('/ajax/upload-file.php', { method: 'POST', body })).text();
  } catch {
    throw new UploadError('The website cannot be reached.');
  }
  if (said !== 'OK') throw new UploadError(plain(said));
}

/** The website's words, which may have line breaks as HTML, as plain text. */
function plain(said) {
  return said
    .replace(/^Error:\s*/, '')
    .replaceAll(/(<br>)+/g, ' ')
    .slice(0, 300);
}
