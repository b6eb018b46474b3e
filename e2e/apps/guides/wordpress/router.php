<?php
// As much of WordPress as the samples call, for PHP's own web server. Who is signed in stands in a
// cookie. Each path below shows one sample, in the order in which WordPress would run it.

define('ABSPATH', __DIR__ . '/');
require __DIR__ . '/wp-config.php';

$actions = [];
$shortcodes = [];
$content = '';

function is_user_logged_in() { return isset($_COOKIE['user']); }
function wp_get_current_user() { return (object) ['user_email' => $_COOKIE['user'] ?? '']; }
function auth_redirect() { header('Location: /wp-login.php', true, 302); exit; }
function nocache_headers() { header('Cache-Control: no-cache, must-revalidate, max-age=0, no-store, private'); }
function esc_attr($text) { return htmlspecialchars($text, ENT_QUOTES, 'UTF-8'); }
function esc_url($url) { return htmlspecialchars($url, ENT_QUOTES, 'UTF-8'); }
function get_header() { echo '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Acme</title><link rel="icon" href="data:,"></head><body><nav>Acme</nav>'; }
function get_footer() { echo '<footer>Cache: ' . (defined('DONOTCACHEPAGE') ? 'no' : 'yes') . '</footer></body></html>'; }
function add_action($name, $run) { global $actions; $actions[$name][] = $run; }
function add_shortcode($name, $run) { global $shortcodes; $shortcodes[$name] = $run; }
function is_singular() { return true; }
function get_post() { global $content; return (object) ['post_content' => $content]; }
function has_shortcode($text, $name) { return strpos($text, "[$name]") !== false; }

set_error_handler(function ($number, $text) { http_response_code(500); exit("PHP: $text"); });

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/wp-login.php') {
    exit('<p>Sign in</p>');
}
if ($path === '/page' || $path === '/older') {
    require __DIR__ . ($path === '/page' ? '/page-support.php' : '/older.php');
    exit;
}
$content = $path === '/plugin' ? trim(file_get_contents(__DIR__ . '/shortcode.txt')) : 'Another page';
require __DIR__ . '/plugin.php';
foreach ($actions['template_redirect'] ?? [] as $run) {
    $run();
}
get_header();
echo preg_replace_callback('/\[(\w+)\]/', fn ($found) => $shortcodes[$found[1]](), $content);
get_footer();
