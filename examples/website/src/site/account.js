import { element } from '../page/element.js';

/** The user that the cookies tell of, or `undefined`. `authentication` proves it to the servers (W2.3). */
export function user({ users }) {
  const email = cookie('email');
  const known = users.find((user) => user.email === email);
  const authentication = cookie('password');
  return known && authentication ? { ...known, authentication } : undefined;
}

/** Shows who is logged in, with the buttons to change that. */
export function showAccount(host, settings) {
  const who = user(settings);
  if (who) {
    host.replaceChildren(
      element('span', {}, who.name),
      element('button', { type: 'button', onclick: logOut }, 'Log out'),
    );
  } else if (settings.users.length > 0) {
    host.replaceChildren(element('button', { type: 'button', onclick: () => ask(settings) }, 'Log in'));
  }
}

function ask(settings) {
  const email = element('input', { type: 'email', name: 'email', required: true, autocomplete: 'username' });
  const password = element('input', {
    type: 'password',
    name: 'password',
    required: true,
    autocomplete: 'current-password',
  });
  const wrong = element('p', { className: 'wrong', role: 'alert' });
  const form = element(
    'form',
    { method: 'dialog' },
    element('h2', {}, 'Log in'),
    element('p', {}, settings.hint ?? 'What you change is kept for you.'),
    element('label', {}, 'Email', email),
    element('label', {}, 'Password', password),
    wrong,
    element(
      'div',
      { className: 'row' },
      element('button', { type: 'submit' }, 'Log in'),
      element('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'),
    ),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    wrong.textContent = '';
    const refused = await logIn(email.value, password.value);
    if (refused) wrong.textContent = refused;
    else location.reload();
  });
  const dialog = element('dialog', { className: 'login', 'aria-label': 'Log in' }, form);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Sets the cookies that the website host asks for (W4.2). Returns why they are refused. */
async function logIn(email, password) {
  keep('email', email);
  keep('password', password);
  try {
    // An upload of nothing: what is wrong with it tells whether the user is right.
    const said = await (
      await fetch('/ajax/upload-file.php', { method: 'POST', body: new URLSearchParams() })
    ).text();
    if (said === 'Error: missing dirname.') return undefined;
    forget();
    return said.replace(/^Error:\s*/, '');
  } catch {
    forget();
    return 'The website cannot be reached.';
  }
}

function logOut() {
  forget();
  location.reload();
}

function forget() {
  for (const name of ['email', 'password']) document.cookie = `${name}=; path=/; max-age=0; samesite=strict`;
}

function keep(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; samesite=strict`;
}

function cookie(name) {
  const pair = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`));
  try {
    return pair && decodeURIComponent(pair.slice(name.length + 1));
  } catch {
    return undefined;
  }
}
