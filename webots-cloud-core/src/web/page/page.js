setInterval(async () => {
  if (document.hidden) return;
  try {
    const text = await (await fetch(location.pathname, {cache: 'no-store'})).text();
    const main = new DOMParser().parseFromString(text, 'text/html').querySelector('main');
    if (main) document.querySelector('main').replaceWith(main);
    document.title = document.title.replace(/^\(offline\) /, '');
  } catch {
    if (!document.title.startsWith('(offline)')) document.title = '(offline) ' + document.title;
  }
}, 2000);
