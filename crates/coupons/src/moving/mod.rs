//! Moving in from CouponGen: its file is read, what can come is planned, and then comes piece by piece. Each piece remembers what
//! its rows became, so that a second run, also after one that was cut off, brings nothing twice.

mod asks;
mod picture;
mod plan;
mod read;

use std::path::PathBuf;

use catalog::{
    Draft, SharedShelf, VariantDetails, VariantDraft,
    images::{self, ImageId},
};
use db::{Db, Dx, Rx, Scope, Tx};
use edge::Blobs;
use people::{Password, accounts, hashing, reset};

pub use plan::{Home, Left};

use crate::{
    Error, campaigns,
    form::{self, FormPicture},
    issue,
    model::{Coupon, CouponState, Promoted, Via},
    sql,
};
use plan::{CampaignDraft, CouponDraft, CustomerDraft, LinkDraft, Plan, ProductDraft, StaffDraft};

/// Why nothing came at all.
#[derive(Debug, thiserror::Error)]
pub enum MovingError {
    #[error(transparent)]
    File(#[from] read::Flaw),
    #[error(transparent)]
    Hashing(#[from] hashing::HashError),
    #[error(transparent)]
    People(#[from] people::Error),
    #[error(transparent)]
    Coupons(#[from] Error),
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    #[error("the file was not read to its end")]
    CutOff,
}

/// What is to come.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub file: PathBuf,
    /// The tenant of the file, where it is called otherwise there.
    pub from: Option<String>,
    /// The folder of its pictures.
    pub uploads: Option<PathBuf>,
    /// Nothing is written.
    pub preview: bool,
}

/// How many of a kind came, and how many had come before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Count {
    pub come: usize,
    pub known: usize,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The tenant's slug in the file.
    pub from: String,
    pub products: Count,
    pub campaigns: Count,
    pub customers: Count,
    pub coupons: Count,
    /// Links that work once.
    pub form_links: Count,
    /// Forms with the picture above them.
    pub pictures: Count,
    pub staff: Count,
    pub left: Vec<Left>,
    /// Who needs a new password, with the path of the link that lets them choose one, once and within the hour.
    pub links: Vec<(String, String)>,
}

/// The business that it comes to.
pub struct Here<'a> {
    pub db: &'a Db,
    pub blobs: &'a Blobs,
    pub shelf: SharedShelf,
}

/// Rows that come in one piece of work.
const AT_ONCE: usize = 200;

/// Brings CouponGen's file in, or says what would come.
pub async fn run(
    here: Here<'_>,
    scope: Scope,
    slug: &str,
    home: Home,
    wanted: Wanted,
) -> Result<Report, MovingError> {
    let (file, said) = (wanted.file, wanted.from.is_some());
    let asked = wanted.from.unwrap_or_else(|| slug.to_owned());
    let reading = tokio::task::spawn_blocking(move || read::read(&file, &asked, said));
    let source = reading.await.map_err(|_| MovingError::CutOff)??;
    let Plan { products, campaigns, customers, coupons, links, staff, picture, left } =
        plan::plan(&source, &home);
    let from = format!("coupongen/{}", source.slug);
    let mut report = Report { from: source.slug, left, ..Report::default() };
    let Here { db, blobs, shelf } = here;
    let mover = Mover { db, scope, from, preview: wanted.preview };
    let forms: Vec<PictureDraft> = campaigns.iter().map(PictureDraft::above_the_form_of).collect();
    report.products = mover
        .bring("product", products, &mut report.left, move |tx, draft| bring_product(tx, &*shelf, draft))
        .await?;
    let own = mover.from.clone();
    report.campaigns = mover
        .bring("campaign", campaigns, &mut report.left, move |tx, draft| bring_campaign(tx, &own, draft))
        .await?;
    report.customers = mover.bring("customer", customers, &mut report.left, bring_customer).await?;
    let own = mover.from.clone();
    report.coupons = mover
        .bring("coupon", coupons, &mut report.left, move |tx, draft| bring_coupon(tx, &own, draft))
        .await?;
    if !picture.is_empty() && !forms.is_empty() {
        mover.bring_pictures(blobs, wanted.uploads, &picture, forms, &mut report).await?;
    }
    let own = mover.from.clone();
    report.form_links =
        mover.bring("link", links, &mut report.left, move |tx, draft| bring_link(tx, &own, draft)).await?;
    for draft in staff {
        mover.bring_staff(draft, &mut report).await?;
    }
    Ok(report)
}

/// A row of the file, as it is named there.
trait Named: Clone + Send + Sync + 'static {
    fn source(&self) -> &str;
    fn name(&self) -> String;
    /// Whether somebody else's thing stands in its way, as a preview can see.
    fn clashes(&self, rx: &mut Rx) -> Result<Option<&'static str>, Error>;
}

impl Named for ProductDraft {
    fn source(&self) -> &str {
        &self.source
    }

    fn name(&self) -> String {
        self.name.to_string()
    }

    fn clashes(&self, _: &mut Rx) -> Result<Option<&'static str>, Error> {
        Ok(None)
    }
}

impl Named for CampaignDraft {
    fn source(&self) -> &str {
        &self.source
    }

    fn name(&self) -> String {
        self.details.name.to_string()
    }

    fn clashes(&self, rx: &mut Rx) -> Result<Option<&'static str>, Error> {
        let currency = people::business::find(rx)?.currency;
        Ok(sql::campaign_by_code(rx, &self.code, currency)?.map(|_| CAMPAIGN_CLASH))
    }
}

impl Named for CustomerDraft {
    fn source(&self) -> &str {
        &self.source
    }

    fn name(&self) -> String {
        self.contact.called()
    }

    fn clashes(&self, _: &mut Rx) -> Result<Option<&'static str>, Error> {
        Ok(None)
    }
}

impl Named for CouponDraft {
    fn source(&self) -> &str {
        &self.source
    }

    fn name(&self) -> String {
        self.code.to_string()
    }

    fn clashes(&self, rx: &mut Rx) -> Result<Option<&'static str>, Error> {
        Ok(sql::coupon_by_code(rx, &self.code)?.map(|_| COUPON_CLASH))
    }
}

/// The place above a campaign's form.
#[derive(Clone)]
struct PictureDraft {
    source: String,
    campaign: String,
}

impl PictureDraft {
    fn above_the_form_of(campaign: &CampaignDraft) -> Self {
        Self { source: campaign.source.clone(), campaign: campaign.details.name.to_string() }
    }
}

impl Named for PictureDraft {
    fn source(&self) -> &str {
        &self.source
    }

    fn name(&self) -> String {
        format!("above the form of {}", self.campaign)
    }

    fn clashes(&self, _: &mut Rx) -> Result<Option<&'static str>, Error> {
        Ok(None)
    }
}

impl Named for LinkDraft {
    fn source(&self) -> &str {
        &self.source
    }

    fn name(&self) -> String {
        self.token.to_string()
    }

    fn clashes(&self, rx: &mut Rx) -> Result<Option<&'static str>, Error> {
        Ok(form::sql::link(rx, &self.token)?.map(|_| LINK_CLASH))
    }
}

const LINK_CLASH: &str = "another link here has its token";
const CAMPAIGN_CLASH: &str = "another campaign here has its code";
const COUPON_CLASH: &str = "another coupon here has its code";
const CAMPAIGN_GONE: &str = "its campaign did not come";
const PICTURE_CLASH: &str = "another picture was chosen for it here";

/// What became of a row: the id it has here, or why it has none.
type Brought = Result<Result<String, &'static str>, Error>;

struct Mover<'a> {
    db: &'a Db,
    scope: Scope,
    from: String,
    preview: bool,
}

impl Mover<'_> {
    /// Brings the drafts that did not come before; in a preview, counts them.
    async fn bring<D: Named>(
        &self,
        kind: &'static str,
        drafts: Vec<D>,
        left: &mut Vec<Left>,
        bring: impl Fn(&mut Tx, &D) -> Brought + Clone + Send + 'static,
    ) -> Result<Count, MovingError> {
        let mut count = Count::default();
        for piece in drafts.chunks(AT_ONCE) {
            let (piece, from, bring) = (piece.to_vec(), self.from.clone(), bring.clone());
            let (counted, refused) = if self.preview {
                let look = move |rx: &mut Rx| {
                    let (mut count, mut refused) = (Count::default(), Vec::new());
                    for draft in &piece {
                        if sql::imported(rx, &from, kind, draft.source())?.is_some() {
                            count.known += 1;
                        } else if let Some(why) = draft.clashes(rx)? {
                            refused.push((draft.name(), why));
                        } else {
                            count.come += 1;
                        }
                    }
                    Ok::<_, Error>((count, refused))
                };
                self.db.read(self.scope.clone(), look).await?
            } else {
                let write = move |tx: &mut Tx| {
                    let (mut count, mut refused) = (Count::default(), Vec::new());
                    for draft in &piece {
                        if sql::imported(tx, &from, kind, draft.source())?.is_some() {
                            count.known += 1;
                            continue;
                        }
                        match bring(tx, draft)? {
                            Ok(id) => {
                                sql::note_imported(tx, &from, kind, draft.source(), &id)?;
                                count.come += 1;
                            }
                            Err(why) => refused.push((draft.name(), why)),
                        }
                    }
                    Ok::<_, Error>((count, refused))
                };
                self.db.write(self.scope.clone(), write).await?
            };
            count = Count { come: count.come + counted.come, known: count.known + counted.known };
            left.extend(refused.into_iter().map(|(name, why)| Left { kind, name, why: why.to_owned() }));
        }
        Ok(count)
    }

    /// CouponGen had one picture above all of a tenant's forms; also a run that came without it may be mended by another.
    async fn bring_pictures(
        &self,
        blobs: &Blobs,
        uploads: Option<PathBuf>,
        address: &str,
        forms: Vec<PictureDraft>,
        report: &mut Report,
    ) -> Result<(), MovingError> {
        let name: String = address.chars().filter(|letter| !letter.is_control()).take(120).collect();
        let leave = |why: &str| Left { kind: "picture", name, why: why.to_owned() };
        let Some(folder) = uploads else {
            report.left.push(leave("say where CouponGen's pictures are with --uploads"));
            return Ok(());
        };
        let (tenant, address) = (report.from.clone(), address.to_owned());
        let finding = tokio::task::spawn_blocking(move || picture::find(&folder, &tenant, &address));
        let file = match finding.await.map_err(|_| MovingError::CutOff)? {
            Ok(file) => file.into(),
            Err(why) => {
                report.left.push(leave(why));
                return Ok(());
            }
        };
        let image = if self.preview {
            images::develop(self.scope.tenant, file).await.map(|_| None).map_err(catalog::Error::from)
        } else {
            images::keep_in(self.db, blobs, self.scope.clone(), file).await.map(|kept| Some(kept.id))
        };
        let image = match image {
            Ok(image) => image,
            Err(catalog::Error::Unfit(unfit)) => {
                report.left.push(leave(&unfit.to_string()));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let from = self.from.clone();
        let bring = move |tx: &mut Tx, draft: &PictureDraft| bring_picture(tx, &from, draft, image);
        report.pictures = self.bring("picture", forms, &mut report.left, bring).await?;
        Ok(())
    }

    /// The directory knows of the account first, the tenant makes it a member.
    async fn bring_staff(&self, draft: StaffDraft, report: &mut Report) -> Result<(), MovingError> {
        const KIND: &str = "staff";
        let (from, source) = (self.from.clone(), draft.source.clone());
        let known = self
            .db
            .read(self.scope.clone(), move |rx| Ok::<_, Error>(sql::imported(rx, &from, KIND, &source)?));
        if known.await?.is_some() {
            report.staff.known += 1;
            return Ok(());
        }
        let (tenant, sought) = (self.scope.tenant, draft.login.to_string());
        let holders = self.db.directory().read(move |dx| reset::meant(dx, &sought, Some(tenant))).await?;
        let half_way = holders.iter().find(|account| account.home == Some(tenant)).map(|account| account.id);
        let member = match half_way {
            Some(account) => {
                let look = move |rx: &mut Rx| Ok::<_, Error>(people::members::of_account(rx, account)?);
                self.db.read(self.scope.clone(), look).await?
            }
            None => None,
        };
        if member.is_some() || (half_way.is_none() && !holders.is_empty()) {
            let (name, why) =
                (draft.login.to_string(), "somebody here signs in with this name already".to_owned());
            report.left.push(Left { kind: KIND, name, why });
            return Ok(());
        }
        report.staff.come += 1;
        if self.preview {
            return Ok(());
        }
        let needs_link = draft.password.is_none();
        let password = match draft.password {
            Some(hash) => hash,
            // a password that nobody knows: the link replaces it
            None => {
                let seed = self.db.world().seed();
                let unknown = Password::typed(&hex(&self.db.world().seed()));
                let mut salt = [0; 16];
                salt.copy_from_slice(&seed[..16]);
                hashing::hash(unknown, salt, hashing::Queue::Known).await?
            }
        };
        let new = accounts::NewAccount {
            login: draft.login.clone(),
            name: draft.name.clone(),
            password,
            home: Some(tenant),
            operator: false,
        };
        let make = move |dx: &mut Dx<'_>| match half_way {
            Some(account) => Ok(account),
            None => accounts::create(dx, &new),
        };
        let account = self.db.directory().write(make).await?;
        let (name, role, from, source) = (draft.name, draft.role, self.from.clone(), draft.source);
        let join = move |tx: &mut Tx| {
            let member = people::members::bring(tx, account, name.clone(), role)?;
            Ok::<_, Error>(sql::note_imported(tx, &from, KIND, &source, &member.id.to_string())?)
        };
        self.db.write(self.scope.clone(), join).await?;
        people::changed();
        if needs_link {
            let made = self.db.directory().write(move |dx| reset::make(dx, account, None)).await?;
            report.links.push((draft.login.to_string(), made.path()));
        }
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A product with this SKU that is here already stays as it is.
fn bring_product(tx: &mut Tx, shelf: &dyn catalog::Shelf, draft: &ProductDraft) -> Brought {
    if let Some(sku) = &draft.sku
        && let Some((_, product)) = catalog::variant_with_sku(tx, sku)?
    {
        return Ok(Ok(product.to_string()));
    }
    let cost = draft.value.minus(draft.margin)?;
    let details = VariantDetails {
        tracked: false,
        sku: draft.sku.clone(),
        cost: Some(cost).filter(|cost| cost.minor() >= 0),
        ..VariantDetails::priced(draft.value)
    };
    let product = Draft {
        handle: None,
        details: catalog::Details::titled(draft.name.clone()),
        variants: vec![VariantDraft::new(details)],
    };
    Ok(Ok(catalog::create(tx, shelf, draft.value.currency(), &product)?.id.to_string()))
}

fn bring_campaign(tx: &mut Tx, from: &str, draft: &CampaignDraft) -> Brought {
    let made = campaigns::bring(tx, &draft.details, &draft.code, draft.state, draft.created_at)?;
    let Some(id) = made else { return Ok(Err(CAMPAIGN_CLASH)) };
    let mut promoted: Vec<Promoted> = Vec::new();
    for one in &draft.products {
        let product = sql::imported(tx, from, "product", &one.source)?.and_then(|id| id.parse().ok());
        promoted.extend(product.map(|product| Promoted { product, value: one.value, margin: one.margin }));
    }
    campaigns::promote(tx, id, &promoted)?;
    if draft.form != form::CouponForm::default() {
        form::change(tx, id, &draft.form)?;
    }
    Ok(Ok(id.to_string()))
}

fn bring_picture(tx: &mut Tx, from: &str, draft: &PictureDraft, image: Option<ImageId>) -> Brought {
    let campaign = sql::imported(tx, from, "campaign", &draft.source)?.and_then(|id| id.parse().ok());
    let (Some(campaign), Some(image)) = (campaign, image) else { return Ok(Err(CAMPAIGN_GONE)) };
    if form::find(tx, campaign)?.picture.is_some() {
        return Ok(Err(PICTURE_CLASH));
    }
    form::set_picture(tx, campaign, Some(&FormPicture { image, alt: None }))?;
    Ok(Ok(image.to_string()))
}

fn bring_customer(tx: &mut Tx, draft: &CustomerDraft) -> Brought {
    let customer = customers::recognise(tx, &draft.contact, None)?.ok_or(Error::Nobody)?;
    for note in &draft.notes {
        customers::write_note(tx, customer, note)?;
    }
    Ok(Ok(customer.to_string()))
}

fn bring_coupon(tx: &mut Tx, from: &str, draft: &CouponDraft) -> Brought {
    let campaign = sql::imported(tx, from, "campaign", &draft.campaign)?.and_then(|id| id.parse().ok());
    let Some(campaign) = campaign else { return Ok(Err(CAMPAIGN_GONE)) };
    let customer = match &draft.customer {
        Some(customer) => sql::imported(tx, from, "customer", customer)?.and_then(|id| id.parse().ok()),
        None => None,
    };
    let id = tx.new_id::<crate::model::CouponKind>();
    let coupon = Coupon {
        id,
        code: draft.code.clone(),
        campaign,
        customer,
        state: draft.state,
        via: Via::Import,
        offer: draft.offer.clone(),
        issued_at: draft.issued_at,
        expires_at: draft.expires_at,
        sent_at: None,
        opened_at: None,
        ended_at: match draft.state {
            CouponState::Issued => None,
            CouponState::Redeemed => draft.redeemed_at,
            CouponState::Expired | CouponState::Cancelled => draft.expires_at.or(Some(draft.issued_at)),
        },
    };
    if !issue::bring(tx, &coupon, draft.redeemed_at)? {
        return Ok(Err(COUPON_CLASH));
    }
    form::bring_answers(tx, &coupon, &draft.answers)?;
    Ok(Ok(id.to_string()))
}

fn bring_link(tx: &mut Tx, from: &str, draft: &LinkDraft) -> Brought {
    let campaign = sql::imported(tx, from, "campaign", &draft.campaign)?.and_then(|id| id.parse().ok());
    let Some(campaign) = campaign else { return Ok(Err(CAMPAIGN_GONE)) };
    let brought = form::bring_link(tx, campaign, &draft.token, draft.used_at)?;
    Ok(if brought { Ok(draft.token.to_string()) } else { Err(LINK_CLASH) })
}
