//! The API's document, OpenAPI 3.1, collected from the routes, and a page that shows it.

use std::collections::{BTreeMap, btree_map::Entry};

use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use base::Language;
use http::{Method, header};
use utoipa::{
    OpenApi as _, ToSchema,
    openapi::{
        Components, Content, InfoBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder,
        path::{HttpMethod, Operation, ParameterIn, PathItem},
        schema::Schema,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::{Access, Anyone, App, Frame, Routes, Site, problem::ProblemBody};

#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(ProblemBody, crate::problem::FieldError)))]
struct Common;

/// Draws one route.
type Add = fn(&mut Drawing, Access);

/// What the routes say of themselves. It is drawn when somebody asks: few do, and it takes megabytes while it is drawn.
#[derive(Clone, Default)]
pub(crate) struct Document(Vec<(Access, Add)>);

#[derive(Default)]
struct Drawing {
    paths: BTreeMap<String, PathItem>,
    schemas: BTreeMap<String, RefOr<Schema>>,
}

impl Document {
    /// Takes in one route, and says its method.
    pub fn add<P: utoipa::Path + utoipa::__dev::SchemaReferences>(&mut self, access: Access) -> Method {
        self.0.push((access, Drawing::add::<P>));
        match method_of::<P>() {
            HttpMethod::Get => Method::GET,
            HttpMethod::Post => Method::POST,
            HttpMethod::Put => Method::PUT,
            HttpMethod::Delete => Method::DELETE,
            HttpMethod::Options => Method::OPTIONS,
            HttpMethod::Head => Method::HEAD,
            HttpMethod::Patch => Method::PATCH,
            HttpMethod::Trace => Method::TRACE,
        }
    }

    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn draw(&self) -> OpenApi {
        let mut drawing = Drawing::default();
        for (access, add) in &self.0 {
            add(&mut drawing, *access);
        }
        drawing.finish()
    }
}

fn method_of<P: utoipa::Path>() -> HttpMethod {
    P::methods().into_iter().next().unwrap_or(HttpMethod::Get)
}

impl Drawing {
    fn add<P: utoipa::Path + utoipa::__dev::SchemaReferences>(&mut self, access: Access) {
        let mut schemas = Vec::new();
        P::schemas(&mut schemas);
        self.learn(schemas);
        self.place(P::path(), method_of::<P>(), P::operation(), access);
    }

    /// What every route has in common is not written anew for each.
    fn place(&mut self, path: String, method: HttpMethod, mut operation: Operation, access: Access) {
        operation.extensions.get_or_insert_default().insert("x-access".to_owned(), serde_json::json!(access));
        if !matches!(access, Access::Anyone | Access::Callback | Access::Visitor) {
            operation.security = Some(vec![SecurityRequirement::new::<_, [String; 0], String>("bearer", [])]);
        }
        problems(&mut operation, access, method != HttpMethod::Get);
        let item = PathItem::new(method, operation);
        match self.paths.entry(path) {
            Entry::Vacant(free) => drop(free.insert(item)),
            Entry::Occupied(mut known) => known.get_mut().merge_operations(item),
        }
    }

    /// Takes in shapes by their names. Two shapes under one name would make the document lie about one of them.
    fn learn(&mut self, schemas: Vec<(String, RefOr<Schema>)>) {
        for (name, schema) in schemas {
            match self.schemas.entry(name) {
                Entry::Vacant(free) => drop(free.insert(schema)),
                Entry::Occupied(known) => {
                    debug_assert!(*known.get() == schema, "two shapes are called {}", known.key());
                }
            }
        }
    }

    fn finish(self) -> OpenApi {
        let mut document = Common::openapi();
        document.info = InfoBuilder::new()
            .title("Soko")
            .version(env!("CARGO_PKG_VERSION"))
            .description(Some(
                "What an application can do for a business. Money is in minor units of its currency.",
            ))
            .build();
        document.paths.paths = self.paths.into_iter().collect();
        let components = document.components.get_or_insert_with(Components::new);
        components.schemas.extend(self.schemas);
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "A key of the business: sk_live_…, or pk_live_… for what its shop shows to all.",
        ));
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme.build()));
        document
    }
}

/// Any route may answer with a problem; which statuses it may have is said once, here.
fn problems(operation: &mut Operation, access: Access, writes: bool) {
    let mut statuses = vec![
        ("400", "The request does not read."),
        ("429", "Too often; `Retry-After` says when."),
        ("503", "Not at the moment; try again."),
    ];
    if !matches!(access, Access::Anyone | Access::Callback | Access::Visitor) {
        statuses.extend([
            ("401", "No valid key was sent."),
            ("403", "The key may not do this."),
            ("404", "Not there, or another business's."),
        ]);
        if writes {
            statuses.push(("409", "Things are not in a state for this; `code` says why."));
        }
    } else {
        statuses.push(("404", "Not there."));
    }
    if operation.request_body.is_some() {
        statuses.extend([
            ("413", "The body is too large."),
            ("415", "The body is of another kind."),
            ("422", "The input cannot be meant; `errors` names fields."),
        ]);
    } else if operation.parameters.is_some() {
        statuses.push(("422", "A parameter cannot be meant."));
    }
    for (status, words) in statuses {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| {
            let content = Content::new(Some(Ref::from_schema_name("Problem")));
            RefOr::T(
                ResponseBuilder::new()
                    .description(words)
                    .content("application/problem+json", content)
                    .build(),
            )
        });
    }
}

pub(crate) fn routes() -> Routes {
    Routes::new().page(Site::Api, "/api/openapi.json", Method::GET, document).page(
        Site::Api,
        "/api/docs",
        Method::GET,
        read,
    )
}

async fn document(State(app): State<App>, _: Anyone) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.document()).into_response()
}

async fn read(State(app): State<App>, _: Anyone) -> Response {
    Html(app.readable_document()).into_response()
}

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    frame: Frame,
    intro: String,
    operations: Vec<Shown>,
}

struct Shown {
    id: String,
    method: &'static str,
    path: String,
    summary: String,
    access: String,
    parameters: Vec<ShownParameter>,
    body: String,
    replies: Vec<ShownReply>,
}

struct ShownParameter {
    name: String,
    place: &'static str,
    required: bool,
    words: String,
}

struct ShownReply {
    status: String,
    words: String,
}

/// The document as a page. Its words are the document's own, in English.
pub(crate) fn readable(document: &OpenApi, platform: &str) -> String {
    let operations = document.paths.paths.iter().flat_map(|(path, item)| {
        let found = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        found.into_iter().filter_map(|(method, operation)| {
            operation.as_ref().map(|operation| shown(method, path, operation))
        })
    });
    let frame = Frame::bare(Language::En, "API".to_owned(), "/api/docs".to_owned(), platform);
    let intro = document.info.description.clone().unwrap_or_default();
    let page = ApiPage { frame, intro, operations: operations.collect() };
    page.render().unwrap_or_else(|error| error.to_string())
}

fn shown(method: &'static str, path: &str, operation: &Operation) -> Shown {
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(ShownParameter {
            name: parameter.name.clone(),
            place: match parameter.parameter_in {
                ParameterIn::Path => "in the path",
                ParameterIn::Header => "header",
                ParameterIn::Cookie => "cookie",
                _ => "in the query",
            },
            required: matches!(parameter.required, Required::True),
            words: parameter.description.clone().unwrap_or_default(),
        }),
        RefOr::Ref(_) => None,
    });
    let replies = operation.responses.responses.iter().map(|(status, reply)| ShownReply {
        status: status.clone(),
        words: match reply {
            RefOr::T(reply) => reply.description.clone(),
            RefOr::Ref(_) => String::new(),
        },
    });
    let access = operation.extensions.as_ref().and_then(|extensions| extensions.get("x-access"));
    Shown {
        id: operation.operation_id.clone().unwrap_or_default(),
        method,
        path: path.to_owned(),
        summary: operation.summary.clone().unwrap_or_default(),
        access: match access {
            Some(serde_json::Value::Object(member)) => member
                .values()
                .filter_map(|name| name.as_str())
                .map(|name| format!("Needs {name}."))
                .collect(),
            Some(serde_json::Value::String(name)) if name == "reader" => {
                "Any key, also a publishable one.".to_owned()
            }
            Some(serde_json::Value::String(name)) if name == "signedin" => "A session token.".to_owned(),
            _ => "Anyone.".to_owned(),
        },
        parameters: parameters.collect(),
        body: operation.request_body.as_ref().map(body_name).unwrap_or_default(),
        replies: replies.collect(),
    }
}

fn body_name(body: &RefOr<utoipa::openapi::request_body::RequestBody>) -> String {
    let written = serde_json::to_value(body).unwrap_or_default();
    let schema = written.pointer("/content/application~1json/schema/$ref").and_then(|name| name.as_str());
    schema.and_then(|name| name.rsplit('/').next()).unwrap_or("see the document").to_owned()
}

/// Schemas for types of `base`, for `#[schema(value_type = …)]` in a room's own structs.
pub mod schema {
    use super::ToSchema;

    /// An amount in minor units (cents, or whole francs) of its currency.
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its shape is used")]
    pub struct Money {
        #[schema(minimum = -100_000_000_000_000i64, maximum = 100_000_000_000_000i64)]
        amount: i64,
        /// A code of ISO 4217.
        #[schema(min_length = 3, max_length = 3, example = "EUR")]
        currency: String,
    }

    /// A whole number, or a decimal with at most three places as text: `2`, `"0.25"`.
    #[derive(ToSchema)]
    #[serde(untagged)]
    pub enum Quantity {
        Whole(i64),
        Decimal(String),
    }
}
