//! The embed code for each stack, with this installation's address and this helpdesk's id in it.

use super::pages::code::pieces;
use super::pages::ticket_center::{Block, Stack};

struct Template {
    key: &'static str,
    label: &'static str,
    hint: &'static str,
    guide: (&'static str, &'static str),
    blocks: &'static [(&'static str, &'static str)],
}

const SETUP: (&str, &str) = ("/docs/ticket-center-setup", "Setup guide");

macro_rules! snippet {
    ($file:literal) => {
        include_str!(concat!("snippets/", $file))
    };
}

const TEMPLATES: &[Template] = &[
    Template {
        key: "html",
        label: "HTML",
        hint: "Works with any template language. Replace the two values in double braces with what your server prints.",
        guide: SETUP,
        blocks: &[
            (
                "1. Your server signs the email (Node)",
                snippet!("html-server.js.txt"),
            ),
            (
                "2. Your page shows the Ticket Center",
                snippet!("html-page.html.txt"),
            ),
        ],
    },
    Template {
        key: "react",
        label: "React",
        hint: "Fetch the signature from your own endpoint, then add the script. Removing it on unmount is enough to clean up.",
        guide: SETUP,
        blocks: &[
            ("1. Your server", snippet!("react-server.js.txt")),
            ("2. Support.jsx", snippet!("react-page.js.txt")),
        ],
    },
    Template {
        key: "next",
        label: "Next.js",
        hint: "The page is a Server Component, so the secret stays on the server. The Client Component gets two strings. Take auth from your own sign-in.",
        guide: SETUP,
        blocks: &[
            ("1. app/support/page.jsx", snippet!("next-page.js.txt")),
            ("2. app/support/ticket-center.jsx", snippet!("next-client.js.txt")),
        ],
    },
    Template {
        key: "vue",
        label: "Vue",
        hint: "The same endpoint on your server as for React; the component fetches it.",
        guide: SETUP,
        blocks: &[
            ("1. Your server", snippet!("react-server.js.txt")),
            ("2. Support.vue", snippet!("vue.txt")),
        ],
    },
    Template {
        key: "svelte",
        label: "Svelte",
        hint: "For SvelteKit. What load returns reaches the browser: the email and the signature, never the secret.",
        guide: SETUP,
        blocks: &[
            (
                "1. src/routes/support/+page.server.js",
                snippet!("svelte-server.txt"),
            ),
            ("2. src/routes/support/+page.svelte", snippet!("svelte-page.txt")),
        ],
    },
    Template {
        key: "astro",
        label: "Astro",
        hint: "Use an on-demand rendered page. is:inline keeps the data attributes on the script.",
        guide: ("/docs/astro", "Astro guide"),
        blocks: &[("src/pages/support.astro", snippet!("astro.txt"))],
    },
    Template {
        key: "wp",
        label: "WordPress",
        hint: "Define HELPDESKY_HMAC_SECRET in wp-config.php, then add this page template. Exclude the page from your cache plugin: a cached page would show one person’s signature to everyone.",
        guide: ("/docs/wordpress", "WordPress guide"),
        blocks: &[("page-support.php", snippet!("wordpress.txt"))],
    },
    Template {
        key: "wix",
        label: "Wix",
        hint: "Keep the secret in the Wix Secrets Manager. Put an Embed HTML element on a members-only page and give it enough height. With Allowed Embed Domains, open the page once: Settings then shows the host of that element and offers to allow it.",
        guide: ("/docs/wix", "Wix guide"),
        blocks: &[
            ("1. backend/support.web.js", snippet!("wix-backend.txt")),
            ("2. Page code", snippet!("wix-page.txt")),
        ],
    },
    Template {
        key: "laravel",
        label: "Laravel",
        hint: "Put HELPDESKY_HMAC_SECRET into .env. Blade escapes both values.",
        guide: SETUP,
        blocks: &[
            ("1. config/services.php", snippet!("laravel-config.txt")),
            ("2. routes/web.php", snippet!("laravel-route.txt")),
            (
                "3. resources/views/support.blade.php",
                snippet!("laravel-view.txt"),
            ),
        ],
    },
    Template {
        key: "rails",
        label: "Rails",
        hint: "Add get \"support\", to: \"support#show\" to your routes. The view escapes both values.",
        guide: SETUP,
        blocks: &[
            (
                "1. app/controllers/support_controller.rb",
                snippet!("rails-controller.txt"),
            ),
            ("2. app/views/support/show.html.erb", snippet!("rails-view.txt")),
        ],
    },
    Template {
        key: "django",
        label: "Django",
        hint: "Add path(\"support/\", views.support) to your URLs. The template escapes both values.",
        guide: SETUP,
        blocks: &[
            ("1. views.py", snippet!("django-view.txt")),
            ("2. templates/support.html", snippet!("django-page.txt")),
        ],
    },
    Template {
        key: "express",
        label: "Express",
        hint: "requireLogin stands for your own sign-in; it puts the user on the request.",
        guide: SETUP,
        blocks: &[("support.js", snippet!("express.txt"))],
    },
    Template {
        key: "go",
        label: "Go",
        hint: "Standard library only. html/template escapes both values.",
        guide: SETUP,
        blocks: &[("support.go", snippet!("go.txt"))],
    },
    Template {
        key: "ai",
        label: "AI prompt",
        hint: "Give this to your coding assistant. It contains your address and Helpdesk ID, and no secret.",
        guide: ("/docs/ai-builder", "Guide for AI builders"),
        blocks: &[("Prompt", snippet!("prompt.txt"))],
    },
];

/// All of them, ready for the page.
pub fn stacks(base_url: &str, helpdesk_id: &str) -> Vec<Stack> {
    let filled = |code: &str| {
        pieces(
            code.trim_end()
                .replace("{BASE}", base_url)
                .replace("{ID}", helpdesk_id)
                .as_str(),
        )
    };
    TEMPLATES
        .iter()
        .map(|template| Stack {
            key: template.key,
            label: template.label,
            hint: template.hint,
            guide: template.guide.0,
            guide_name: template.guide.1,
            wraps: template.key == "ai",
            blocks: template
                .blocks
                .iter()
                .map(|(title, code)| Block {
                    title,
                    pieces: filled(code),
                })
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_shows_the_panel_of_each_stack() {
        let styles = include_str!("../../web/styles/product.css");
        for template in TEMPLATES {
            let key = template.key;
            let rule = format!(".fw:has(#fw-{key}:checked) [data-panel=\"{key}\"]");
            assert!(styles.contains(&rule), "{rule}");
        }
    }

    #[test]
    fn every_stack_names_this_installation_and_leaves_no_placeholder_of_ours() {
        for stack in stacks("https://help.example", "the-id") {
            let text: String = stack
                .blocks
                .iter()
                .flat_map(|block| &block.pieces)
                .map(|piece| piece.text.as_str())
                .collect();
            assert!(
                text.contains("https://help.example/ticket-center.js"),
                "{}",
                stack.label
            );
            assert!(text.contains("the-id"), "{}", stack.label);
            assert!(
                !text.contains("{BASE}") && !text.contains("{ID}"),
                "{}",
                stack.label
            );
        }
    }

    #[test]
    fn the_prompt_names_the_guide_before_anything_else_is_asked() {
        let prompt = include_str!("snippets/prompt.txt");
        let guide = prompt.find("Read this guide first: {BASE}/docs/ticket-center-setup\n");
        assert!(guide.is_some_and(|at| Some(at) < prompt.find("1. ")), "{prompt}");
    }
}
