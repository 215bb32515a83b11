<?php
// A website host of another make, for tests: sends a user's project, or the sample, as a ZIP.
header('X-Robots-Tag: noindex');
$root = getenv('WEBSITE_ROOT');

function refuse(string $why): never {
    header('Content-Type: text/plain');
    exit("Error: $why");
}

foreach (['user1Id', 'user1Authentication', 'key', 'project'] as $field) {
    if (!isset($_POST[$field])) refuse("Missing $field.");
}
if (!hash_equals(trim(file_get_contents("$root/key")), $_POST['key'])) refuse('Wrong key.');
if ($_POST['user1Authentication'] !== 'secret') refuse('Wrong password.');
$project = $_POST['project'];
if (!preg_match('/^[a-z0-9_]+$/', $project)) refuse('Wrong project.');
$folder = "$root/user/" . intval($_POST['user1Id']) . "/projects/$project";
if (!is_dir($folder)) refuse("no such directory: '$project'.");

$file = tempnam(sys_get_temp_dir(), 'zip');
$zip = new ZipArchive();
$zip->open($file, ZipArchive::OVERWRITE);
$entries = new RecursiveIteratorIterator(
    new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS),
    RecursiveIteratorIterator::SELF_FIRST
);
foreach ($entries as $entry) {
    $name = substr($entry->getPathname(), strlen($folder) + 1);
    $entry->isDir() ? $zip->addEmptyDir($name) : $zip->addFile($entry->getPathname(), $name);
}
$zip->close();
header('Content-Type: application/zip');
header("Content-Disposition: attachment; filename=$project.zip");
header('Content-Length: ' . filesize($file));
readfile($file);
unlink($file);
