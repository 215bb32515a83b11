<?php
// A website host of another make, for tests: stores a file in a user's project.
header('Content-Type: text/plain');
$root = getenv('WEBSITE_ROOT');
if (($_COOKIE['email'] ?? '') !== 'ann@example.org' || ($_COOKIE['password'] ?? '') !== 'secret') {
    exit('Error: Missing email cookie.');
}
foreach (['dirname', 'filename', 'content'] as $field) {
    if (!isset($_POST[$field])) exit("Error: missing $field.");
}
if (str_contains($_POST['filename'], '/')) exit('Error: wrong filename.');
if (str_contains($_POST['dirname'], '..')) exit('Error: wrong dirname.');
$folder = "$root/user/1/projects/" . $_POST['dirname'];
if (!is_dir($folder)) mkdir($folder, 0777, true);
file_put_contents("$folder/" . $_POST['filename'], $_POST['content']);
echo 'OK';
