//! What the sample businesses' owners say on their front pages, in French and in English, and how their shops look.

use std::collections::BTreeMap;

use base::{Language, Slug};
use db::Tx;
use shop::{
    Error,
    look::{
        self, Content, Font, Layout, Look, OwnPage, Question, Said, Section, Shot, Source, Testimonial, Tone,
    },
};

/// Words in French and in English.
type Both = (&'static str, &'static str);

/// A sample's front page.
pub struct Front {
    pub accent: &'static str,
    pub tone: Tone,
    pub font: Font,
    pub layout: Layout,
    pub announcement: Both,
    pub summary: Both,
    pub welcome: Both,
    pub welcome_text: Both,
    pub welcome_button: Both,
    /// The category that the second shelf shows, and its title.
    pub shelf: (&'static str, Both),
    pub about: (Both, Both),
    pub voices: &'static [(Both, &'static str)],
    pub questions: &'static [(Both, Both)],
    pub contact: Both,
    /// Pages of the owner's own: title and text.
    pub pages: &'static [(Both, Both)],
}

fn said((french, english): Both) -> Said {
    let both = [(Language::Fr, french), (Language::En, english)];
    Said(BTreeMap::from(both.map(|(language, words)| (language, words.to_owned()))))
}

impl Front {
    fn sections(&self, header: Shot, goods: Vec<Shot>) -> Vec<(Said, Content)> {
        let (category, shelf) = self.shelf;
        let featured =
            |source, category| Content::Featured { source, category, products: Vec::new(), count: 6 };
        let voice = |(words, name): &(Both, &str)| {
            Some(Testimonial { words: said(*words), name: name.parse().ok()? })
        };
        let question =
            |(question, answer): &(Both, Both)| Question { question: said(*question), answer: said(*answer) };
        vec![
            (
                said(self.welcome),
                Content::Hero {
                    text: said(self.welcome_text),
                    button: said(self.welcome_button),
                    to: None,
                    picture: Some(header),
                },
            ),
            (Said::default(), Content::Categories {}),
            (said(("Nouveautés", "New in")), featured(Source::Newest, None)),
            (said(shelf), featured(Source::Category, Slug::of(category))),
            (said(self.about.0), Content::Text { text: said(self.about.1) }),
            (Said::default(), Content::Gallery { items: goods }),
            (
                Said::default(),
                Content::Testimonials { items: self.voices.iter().filter_map(voice).collect() },
            ),
            (Said::default(), Content::Questions { items: self.questions.iter().map(question).collect() }),
            (Said::default(), Content::Contact { text: said(self.contact) }),
        ]
    }

    /// Composes the page, as its owner would in the back office, and publishes it.
    pub fn compose(&self, tx: &mut Tx<'_>, header: &Shot, goods: &[Shot]) -> Result<(), Error> {
        let look = Look {
            accent: self.accent.parse().unwrap_or(Look::default().accent),
            tone: self.tone,
            font: self.font,
            layout: self.layout,
            announcement: said(self.announcement),
            summary: said(self.summary),
            ..Look::default()
        };
        look::edit(tx, |_, draft| {
            *draft = look;
            Ok(())
        })?;
        for (title, content) in self.sections(header.clone(), goods.to_vec()) {
            let id = look::add_section(tx, &content)?;
            look::put_section(tx, &Section { id, title, content })?;
        }
        look::publish(tx)?;
        for (title, text) in self.pages {
            let Some(slug) = Slug::of(title.0) else { continue };
            look::put_page(tx, &OwnPage { slug, title: said(*title), text: said(*text) }, true)?;
        }
        Ok(())
    }
}

pub const MADINA: Front = Front {
    accent: "#b3261e",
    tone: Tone::Warm,
    font: Font::Serif,
    layout: Layout::Large,
    announcement: (
        "Livraison à moto dans tout Conakry, le jour même avant 15 h.",
        "Delivered by motorbike all over Conakry, the same day before 3 pm.",
    ),
    summary: (
        "Pagnes, bazin et chaussures au marché de Madina, livrés à Conakry.",
        "Wax prints, bazin and shoes from Madina market, delivered in Conakry.",
    ),
    welcome: ("Le tissu qui fait la fête", "Cloth that makes the day"),
    welcome_text: (
        "Wax, bazin riche et lépi choisis pièce par pièce. Touchez-les au marché de Madina, ou recevez-les chez vous.",
        "Wax, bazin and lépi chosen piece by piece. Feel them at Madina market, or have them brought home.",
    ),
    welcome_button: ("Voir les tissus", "See the cloth"),
    shelf: ("Pagnes", ("Pagnes pour vos cérémonies", "Wax prints for your ceremonies")),
    about: (
        ("Une maison de famille", "A family house"),
        (
            "Mariama Sylla tient la boutique 12 de l’allée des tissus depuis 2009.\n\nNous achetons **directement aux teinturières** du Fouta et aux tisserands de Kindia, et nous coupons au mètre près.",
            "Mariama Sylla has run stall 12 in the cloth lane since 2009.\n\nWe buy **straight from the dyers** of the Fouta and the weavers of Kindia, and cut to the metre.",
        ),
    ),
    voices: &[
        (
            (
                "Commandé à midi, porté à 18 heures pour le baptême. Le bazin brille vraiment.",
                "Ordered at noon, worn at six for the christening. The bazin really shines.",
            ),
            "Aïssatou B., Ratoma",
        ),
        (
            (
                "On me dit la vérité sur les couleurs avant d’envoyer.",
                "They tell me the truth about the colours before they send.",
            ),
            "Kadiatou K., Dixinn",
        ),
    ],
    questions: &[
        (
            ("Comment payer ?", "How can I pay?"),
            (
                "En espèces à la livraison, ou par Orange Money. Vous recevez un reçu dans les deux cas.",
                "In cash on delivery, or by Orange Money. You get a receipt either way.",
            ),
        ),
        (
            ("Puis-je rendre un tissu ?", "Can I return cloth?"),
            (
                "Oui, sous 7 jours, s’il n’est ni coupé ni lavé. Le tissu coupé au mètre reste acheté.",
                "Yes, within 7 days, if it is neither cut nor washed. Cloth cut by the metre is yours.",
            ),
        ),
    ],
    contact: (
        "Ouvert du lundi au samedi, de 9 h à 18 h 30. Demandez une photo : nous répondons sur WhatsApp.",
        "Open Monday to Saturday, 9 am to 6.30 pm. Ask for a picture: we answer on WhatsApp.",
    ),
    pages: &[
        (
            ("Conditions de vente", "Terms of sale"),
            (
                "## Prix\nLes prix sont en francs guinéens, taxes comprises.\n\n## Commande\nUne commande payée à la livraison est confirmée par téléphone.",
                "## Prices\nPrices are in Guinean francs, taxes included.\n\n## Orders\nAn order paid on delivery is confirmed by phone.",
            ),
        ),
        (
            ("Retours", "Returns"),
            (
                "Rapportez l’article sous 7 jours avec son reçu :\n\n- tissu non coupé, non lavé\n- chaussures non portées dehors",
                "Bring the article back within 7 days with its receipt:\n\n- cloth neither cut nor washed\n- shoes not worn outside",
            ),
        ),
    ],
};

pub const CANAL: Front = Front {
    accent: "#2f6f3e",
    tone: Tone::Light,
    font: Font::Sans,
    layout: Layout::Grid,
    announcement: (
        "Commandez avant 16 h, retirez le soir même.",
        "Order before 4 pm, pick up the same evening.",
    ),
    summary: (
        "Épicerie de quartier à Valbourg : pain, fruits, crèmerie et bons bocaux.",
        "A neighbourhood grocer in Valbourg: bread, fruit, dairy and good jars.",
    ),
    welcome: ("Le bon, à deux pas du canal", "Good food, two steps from the canal"),
    welcome_text: (
        "Le pain du matin, les fruits de la semaine et ce qu’il faut dans le placard. Au poids, au plus juste.",
        "This morning’s bread, this week’s fruit and what a cupboard needs. By weight, at a fair price.",
    ),
    welcome_button: ("Faire mes courses", "Start shopping"),
    shelf: ("Fruits et légumes", ("De saison", "In season")),
    about: (
        ("D’où cela vient", "Where it comes from"),
        (
            "Huit maraîchers à moins de 40 km, un moulin, deux fromagères. Leurs noms sont **sur chaque étiquette**.",
            "Eight growers within 40 km, one mill, two cheesemakers. Their names are **on every label**.",
        ),
    ),
    voices: &[(
        (
            "La livraison à vélo arrive toujours avec le sourire, et les tomates entières.",
            "The bicycle always arrives with a smile, and with whole tomatoes.",
        ),
        "Gaëlle L.",
    )],
    questions: &[
        (
            ("Et si un fruit pèse un peu plus ?", "What if a fruit weighs a little more?"),
            (
                "Nous pesons au plus près, et vous payez ce que vous avez commandé.",
                "We weigh as closely as we can, and you pay what you ordered.",
            ),
        ),
        (
            ("Reprenez-vous les bocaux ?", "Do you take jars back?"),
            (
                "Oui, lavés, avec leur couvercle : 20 centimes chacun.",
                "Yes, washed, with their lids: 20 cents each.",
            ),
        ),
    ],
    contact: ("Du mardi au samedi, de 8 h à 19 h 30.", "Tuesday to Saturday, 8 am to 7.30 pm."),
    pages: &[(
        ("Qui sommes-nous", "About us"),
        (
            "Camille a repris l’épicerie de la rue en 2018. Aujourd’hui nous sommes quatre, et un vélo.",
            "Camille took over the street’s grocery in 2018. Today there are four of us, and a bicycle.",
        ),
    )],
};
