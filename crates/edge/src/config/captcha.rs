use super::{Reader, Secret};

/// What keeps machines out of public forms.
#[derive(Clone)]
pub enum CaptchaBy {
    /// Work that a browser does by itself, or a sum for who runs no scripts: nobody else learns of the visitor.
    Own,
    /// A company's widget.
    Widget(Widget),
}

/// A widget that a page shows, and the house it asks about the answer.
#[derive(Clone)]
pub struct Widget {
    pub site_key: String,
    pub secret: Secret,
    /// The script that draws it.
    pub script: &'static str,
    /// The class of the element in which it is drawn.
    pub class: &'static str,
    /// The field in which its answer is sent.
    pub field: &'static str,
    /// Where the answer is verified.
    pub verify: String,
    /// What the page's policy must allow it: scripts and frames, and (hCaptcha) styles and connections.
    pub scripts: &'static [&'static str],
    pub frames: &'static [&'static str],
    pub styles: &'static [&'static str],
}

const HCAPTCHA: &[&str] = &["https://hcaptcha.com", "https://*.hcaptcha.com"];

impl Widget {
    pub const PROVIDERS: [&'static str; 3] = ["turnstile", "hcaptcha", "recaptcha"];

    /// The widget of `provider`, one of [`Self::PROVIDERS`].
    pub fn of(provider: &str, site_key: String, secret: Secret) -> Option<Self> {
        let widget = |script, class, field, verify: &str, scripts, frames, styles| {
            let verify = verify.to_owned();
            Some(Self { site_key, secret, script, class, field, verify, scripts, frames, styles })
        };
        match provider {
            // https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
            "turnstile" => widget(
                "https://challenges.cloudflare.com/turnstile/v0/api.js",
                "cf-turnstile",
                "cf-turnstile-response",
                "https://challenges.cloudflare.com/turnstile/v0/siteverify",
                &["https://challenges.cloudflare.com"],
                &["https://challenges.cloudflare.com"],
                &[],
            ),
            // https://docs.hcaptcha.com/ : "Content-Security-Policy Settings", "Verify the User Response Server Side"
            "hcaptcha" => widget(
                "https://js.hcaptcha.com/1/api.js",
                "h-captcha",
                "h-captcha-response",
                "https://api.hcaptcha.com/siteverify",
                HCAPTCHA,
                HCAPTCHA,
                HCAPTCHA,
            ),
            // https://developers.google.com/recaptcha/docs/verify, and its FAQ about content security policies
            "recaptcha" => widget(
                "https://www.google.com/recaptcha/api.js",
                "g-recaptcha",
                "g-recaptcha-response",
                "https://www.google.com/recaptcha/api/siteverify",
                &["https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"],
                &["https://www.google.com/recaptcha/", "https://recaptcha.google.com/recaptcha/"],
                &[],
            ),
            _ => None,
        }
    }
}

impl Reader<'_> {
    pub(super) fn captcha(&mut self) -> CaptchaBy {
        let secret = self.secret("CAPTCHA_SECRET");
        let provider = match self.text("CAPTCHA_PROVIDER").as_deref() {
            None | Some("own") => return CaptchaBy::Own,
            Some(provider) => provider.to_owned(),
        };
        let Some((site_key, secret)) = self.text("CAPTCHA_SITE_KEY").zip(secret) else {
            self.fault(format!("CAPTCHA_PROVIDER={provider} needs CAPTCHA_SITE_KEY and CAPTCHA_SECRET."));
            return CaptchaBy::Own;
        };
        Widget::of(&provider, site_key, secret).map_or_else(
            || {
                self.fault("CAPTCHA_PROVIDER is own, turnstile, hcaptcha or recaptcha.");
                CaptchaBy::Own
            },
            CaptchaBy::Widget,
        )
    }
}
