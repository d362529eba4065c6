//! The words that both engines understand, and understand alike. Everything else is refused.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Distinct, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, GroupByExpr, Ident, LimitClause, ObjectName, OrderByKind, Query, Select, SelectItem,
    SetExpr, Statement, UnaryOperator, Value, ValueWithSpan, Visit, Visitor,
};

const FUNCTIONS: &[&str] =
    &["abs", "coalesce", "count", "length", "lower", "max", "min", "nullif", "row_number", "substr", "sum"];

pub(super) fn common_subset(statement: &Statement) -> Result<(), String> {
    match statement {
        Statement::Query(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => (),
        _ => return Err("only select, insert, update and delete".to_owned()),
    }
    match statement.visit(&mut Words) {
        ControlFlow::Break(reason) => Err(reason),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Words;

/// Walks one column of a select.
#[derive(Default)]
struct Sums {
    /// Casts to bigint around the expression at hand.
    casts: usize,
}

impl Visitor for Sums {
    type Break = String;

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<String> {
        self.casts += usize::from(is_cast_to_bigint(expr));
        match expr {
            Expr::Function(function) if self.casts == 0 && function.name.to_string() == "sum" => {
                refuse("`cast(sum(…) as bigint)`: Postgres sums to numeric")
            }
            _ => FINE,
        }
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<String> {
        self.casts -= usize::from(is_cast_to_bigint(expr));
        FINE
    }
}

fn refuse(reason: impl Into<String>) -> ControlFlow<String> {
    ControlFlow::Break(reason.into())
}

const FINE: ControlFlow<String> = ControlFlow::Continue(());

fn is_cast_to_bigint(expr: &Expr) -> bool {
    matches!(expr, Expr::Cast { data_type: DataType::BigInt(None), .. })
}

fn is_number_or_cast(expr: &Expr) -> bool {
    is_cast_to_bigint(expr) || matches!(expr, Expr::Value(ValueWithSpan { value: Value::Number(..), .. }))
}

impl Visitor for Words {
    type Break = String;

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<String> {
        match statement {
            Statement::Insert(insert)
                if insert.or.is_some() || insert.replace_into || insert.ignore || insert.overwrite =>
            {
                refuse("`insert … on conflict` is the way of both engines")
            }
            Statement::Update(update) if update.or.is_some() || update.limit.is_some() => {
                refuse("an update has no `or` and no limit")
            }
            Statement::Delete(delete)
                if delete.using.is_some() || delete.limit.is_some() || !delete.tables.is_empty() =>
            {
                refuse("a delete has one table, no using and no limit")
            }
            _ => FINE,
        }
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<String> {
        if query.fetch.is_some() || query.for_clause.is_some() || query.settings.is_some() {
            return refuse("only `limit` and `offset` cut a list");
        }
        if !query.locks.is_empty() {
            return refuse("the batch holds the tenant; nothing else is locked");
        }
        if query.format_clause.is_some() || !query.pipe_operators.is_empty() || !is_plain(&query.body) {
            return refuse("only select, values and their unions make a query");
        }
        if let Some(order) = &query.order_by
            && !matches!(order.kind, OrderByKind::Expressions(_))
        {
            return refuse("`order by` names what it orders by");
        }
        match &query.limit_clause {
            None => FINE,
            Some(LimitClause::LimitOffset { limit, offset, limit_by })
                if limit_by.is_empty()
                    && limit.as_ref().is_none_or(is_number_or_cast)
                    && offset.as_ref().is_none_or(|offset| is_number_or_cast(&offset.value)) =>
            {
                FINE
            }
            Some(_) => refuse("`limit cast($n as bigint)`: without the cast its type differs"),
        }
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<String> {
        let plain_groups =
            matches!(&select.group_by, GroupByExpr::Expressions(_, modifiers) if modifiers.is_empty());
        let plain = plain_groups
            && select.top.is_none()
            && select.into.is_none()
            && select.lateral_views.is_empty()
            && select.prewhere.is_none()
            && select.connect_by.is_empty()
            && select.cluster_by.is_empty()
            && select.distribute_by.is_empty()
            && select.sort_by.is_empty()
            && select.named_window.is_empty()
            && select.qualify.is_none()
            && !matches!(select.distinct, Some(Distinct::On(_)));
        if !plain {
            return refuse("a clause that only one engine has");
        }
        for item in &select.projection {
            let (SelectItem::UnnamedExpr(column) | SelectItem::ExprWithAlias { expr: column, .. }) = item
            else {
                return refuse("columns are named, never `*`");
            };
            column.visit(&mut Sums::default())?;
        }
        FINE
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<String> {
        let name = relation.to_string();
        if relation.0.len() != 1 || name.starts_with("pg_") || name.starts_with("sqlite_") {
            return refuse(format!("{name} is not a table of a room"));
        }
        FINE
    }

    fn pre_visit_ident(&mut self, ident: &Ident) -> ControlFlow<String> {
        match ident.quote_style {
            Some(_) => refuse(format!("{ident}: SQLite takes an unknown quoted name for text")),
            None => FINE,
        }
    }

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<String> {
        match &value.value {
            Value::Number(..) | Value::Null => FINE,
            Value::SingleQuotedString(text) if !text.contains('$') => FINE,
            Value::Placeholder(name) if name[1..].parse::<u16>().is_ok() => FINE,
            Value::Boolean(_) => refuse("booleans are 0 and 1"),
            other => refuse(format!("the literal {other}")),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<String> {
        match expr {
            Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::Between { .. }
            | Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::Minus, .. }
            | Expr::Cast {
                kind: CastKind::Cast,
                data_type: DataType::BigInt(None) | DataType::Text,
                format: None,
                ..
            }
            | Expr::Nested(_)
            | Expr::Value(_)
            | Expr::Case { .. }
            | Expr::Exists { .. }
            | Expr::Subquery(_)
            | Expr::Tuple(_)
            | Expr::Substring { shorthand: true, special: true, .. }
            | Expr::Like { any: false, escape_char: Some(_), .. } => FINE,
            Expr::Like { .. } => refuse("`like` without `escape`"),
            Expr::Cast { .. } => refuse("`cast(… as bigint)` or `cast(… as text)`"),
            Expr::BinaryOp { op, .. } => match op {
                BinaryOperator::Plus
                | BinaryOperator::Minus
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Modulo
                | BinaryOperator::StringConcat
                | BinaryOperator::Gt
                | BinaryOperator::Lt
                | BinaryOperator::GtEq
                | BinaryOperator::LtEq
                | BinaryOperator::Eq
                | BinaryOperator::NotEq
                | BinaryOperator::And
                | BinaryOperator::Or => FINE,
                other => refuse(format!("the operator {other}")),
            },
            Expr::Function(function) => plain_call(function),
            other => refuse(format!("the expression {other}")),
        }
    }
}

fn plain_call(function: &Function) -> ControlFlow<String> {
    let name = function.name.to_string();
    if !FUNCTIONS.contains(&name.as_str()) {
        return refuse(format!("the function {name}"));
    }
    let FunctionArguments::List(list) = &function.args else {
        return refuse(format!("the arguments of {name}"));
    };
    let plain = |argument: &FunctionArg| {
        matches!(argument, FunctionArg::Unnamed(FunctionArgExpr::Expr(_)))
            || (name == "count" && matches!(argument, FunctionArg::Unnamed(FunctionArgExpr::Wildcard)))
    };
    let plain = list.clauses.is_empty()
        && list.args.iter().all(plain)
        && function.within_group.is_empty()
        && function.null_treatment.is_none()
        && matches!(function.parameters, FunctionArguments::None);
    if !plain {
        return refuse(format!("the arguments of {name}"));
    }
    // to Postgres `max` is an aggregate, to SQLite with two arguments it is not
    if matches!(name.as_str(), "max" | "min") && list.args.len() != 1 {
        return refuse(format!("{name} of several values"));
    }
    FINE
}

/// No write, no table command hidden in a query.
fn is_plain(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => true,
        SetExpr::SetOperation { left, right, .. } => is_plain(left) && is_plain(right),
        _ => false,
    }
}
