//! Each table of each query block is bound to the tenant.

use std::ops::ControlFlow;

use sqlparser::ast::{
    AssignmentTarget, BinaryOperator, ConflictTarget, Cte, Expr, FromTable, Insert, JoinConstraint,
    JoinOperator, ObjectName, OnConflictAction, OnInsert, Query, Select, SelectItem, SetExpr, Statement,
    TableFactor, TableObject, TableWithJoins, UpdateTableFromKind, Value, ValueWithSpan, Visit, Visitor,
    With, visit_relations,
};

/// What is known while a statement is walked.
#[derive(Default)]
struct Walls {
    /// Names of common table expressions: their own blocks are bound, so a use of them need not be.
    named: Vec<String>,
    /// Tables that were looked at.
    seen: usize,
}

/// Refuses what leaves any table unbound.
pub(super) fn each_table_is_bound(statement: &Statement) -> Result<(), String> {
    let mut walls = Walls::default();
    let query = match statement {
        Statement::Query(query) => Some(query),
        Statement::Insert(insert) => {
            walls.insert(insert)?;
            insert.source.as_ref()
        }
        Statement::Update(update) => {
            let mut tables = vec![&update.table];
            match &update.from {
                None => (),
                Some(UpdateTableFromKind::AfterSet(from)) => tables.extend(from),
                Some(UpdateTableFromKind::BeforeSet(_)) => {
                    return Err("`from` stands behind `set`".to_owned());
                }
            }
            walls.block(&tables, update.selection.as_ref())?;
            keeps_tenant(update.assignments.iter().map(|assignment| &assignment.target))?;
            None
        }
        Statement::Delete(delete) => {
            let FromTable::WithFromKeyword(tables) = &delete.from else {
                return Err("`delete from`".to_owned());
            };
            walls.block(&tables.iter().collect::<Vec<_>>(), delete.selection.as_ref())?;
            None
        }
        _ => return Err("only select, insert, update and delete".to_owned()),
    };
    if let Some(with) = query.and_then(|query| query.with.as_ref()) {
        walls.common_tables(with)?;
    }
    let top = query.map(|query| std::ptr::from_ref::<Query>(query));
    let mut blocks = Blocks { walls, top };
    if let ControlFlow::Break(reason) = statement.visit(&mut blocks) {
        return Err(reason);
    }
    let mut there = 0;
    let _ = visit_relations(statement, |_| {
        there += 1;
        ControlFlow::<()>::Continue(())
    });
    if blocks.walls.seen == there {
        Ok(())
    } else {
        Err("a table stands where the checker does not look".to_owned())
    }
}

/// Visits every query block, however deep.
struct Blocks {
    walls: Walls,
    top: Option<*const Query>,
}

impl Visitor for Blocks {
    type Break = String;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<String> {
        if query.with.is_some() && self.top != Some(std::ptr::from_ref(query)) {
            return ControlFlow::Break("`with` only at the top, where its names are plain to see".to_owned());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<String> {
        let tables: Vec<_> = select.from.iter().collect();
        match self.walls.block(&tables, select.selection.as_ref()) {
            Ok(()) => ControlFlow::Continue(()),
            Err(reason) => ControlFlow::Break(reason),
        }
    }
}

impl Walls {
    /// A name counts only behind its own definition; before, it is a table's.
    fn common_tables(&mut self, with: &With) -> Result<(), String> {
        let name = |cte: &Cte| cte.alias.name.value.clone();
        for (index, cte) in with.cte_tables.iter().enumerate() {
            let later = &with.cte_tables[index + usize::from(with.recursive)..];
            let early = visit_relations(&cte.query, |relation| {
                match later.iter().any(|later| name(later) == relation.to_string()) {
                    true => ControlFlow::Break(relation.to_string()),
                    false => ControlFlow::Continue(()),
                }
            });
            if let ControlFlow::Break(table) = early {
                return Err(format!("{table} is used before it is defined"));
            }
        }
        self.named = with.cte_tables.iter().map(name).collect();
        Ok(())
    }

    /// One block: its tables, and the conditions that all its rows meet.
    fn block(&mut self, tables: &[&TableWithJoins], condition: Option<&Expr>) -> Result<(), String> {
        let mut aliases = Vec::new();
        let mut bound = Vec::new();
        condition.into_iter().for_each(|condition| conjuncts(condition, &mut bound));
        for table in tables {
            aliases.extend(self.alias(&table.relation)?);
            for join in &table.joins {
                let joined = self.alias(&join.relation)?;
                let mut on = Vec::new();
                match &join.join_operator {
                    JoinOperator::Join(JoinConstraint::On(condition))
                    | JoinOperator::Inner(JoinConstraint::On(condition)) => conjuncts(condition, &mut on),
                    JoinOperator::CrossJoin(JoinConstraint::None) => (),
                    JoinOperator::Left(JoinConstraint::On(condition))
                    | JoinOperator::LeftOuter(JoinConstraint::On(condition)) => {
                        conjuncts(condition, &mut on);
                        // rows of the left side come through whatever this condition says
                        on.retain(|own| own.as_deref().is_some_and(|own| Some(own) == joined.as_deref()));
                    }
                    _ => return Err("only `join … on`, `left join … on` and `cross join`".to_owned()),
                }
                bound.extend(on);
                aliases.extend(joined);
            }
        }
        let alone = match &aliases[..] {
            [alias] => Some(alias.clone()),
            _ => None,
        };
        let bound: Vec<String> =
            bound.into_iter().filter_map(|named| named.or_else(|| alone.clone())).collect();
        if let Some(alias) = aliases.iter().find(|alias| !bound.contains(alias)) {
            return Err(format!("{alias} is not bound by `tenant_id = $1` in an AND of its block"));
        }
        // else the mutation test, which takes bindings away one by one, could not tell a needed one
        if bound.len() > aliases.len() {
            return Err("a table is bound twice, or one that its own block binds".to_owned());
        }
        Ok(())
    }

    /// The name under which a table must be bound; none for what was bound elsewhere.
    fn alias(&mut self, table: &TableFactor) -> Result<Option<String>, String> {
        match table {
            TableFactor::Table { name, alias, args: None, with_hints, .. } if with_hints.is_empty() => {
                self.seen += 1;
                let table = name.to_string();
                if self.named.contains(&table) {
                    return Ok(None);
                }
                match alias {
                    Some(alias) if !alias.columns.is_empty() => {
                        Err(format!("{alias}: columns of a table keep their names"))
                    }
                    Some(alias) => Ok(Some(alias.name.value.clone())),
                    None => Ok(Some(table)),
                }
            }
            TableFactor::Derived { lateral: false, .. } => Ok(None),
            _ => Err(format!("{table}: only tables and subqueries stand in `from`")),
        }
    }

    fn insert(&mut self, insert: &Insert) -> Result<(), String> {
        let (TableObject::TableName(_), None) = (&insert.table, &insert.table_alias) else {
            return Err("`insert into` a table".to_owned());
        };
        self.seen += 1;
        let place = insert.columns.iter().position(is_tenant_id);
        let place = place.ok_or_else(|| "the insert does not name tenant_id".to_owned())?;
        let source = insert.source.as_ref().ok_or_else(|| "the insert has no values".to_owned())?;
        if !gives_tenant(&source.body, place) {
            return Err("the insert's tenant_id is not literally `$1`".to_owned());
        }
        match &insert.on {
            None => Ok(()),
            Some(OnInsert::OnConflict(conflict)) => {
                match &conflict.conflict_target {
                    None => (),
                    Some(ConflictTarget::Columns(columns))
                        if columns.iter().any(|column| column.value == "tenant_id") => {}
                    Some(_) => return Err("`on conflict` names columns, tenant_id among them".to_owned()),
                }
                match &conflict.action {
                    OnConflictAction::DoNothing => Ok(()),
                    OnConflictAction::DoUpdate(update) => {
                        keeps_tenant(update.assignments.iter().map(|assignment| &assignment.target))
                    }
                }
            }
            Some(_) => Err("`on conflict` is the way of both engines".to_owned()),
        }
    }
}

fn is_tenant_id(column: &ObjectName) -> bool {
    column.to_string() == "tenant_id"
}

/// Whether every row has `$1` at `place`.
fn gives_tenant(body: &SetExpr, place: usize) -> bool {
    match body {
        SetExpr::Values(values) => {
            values.rows.iter().all(|row| row.content.get(place).is_some_and(is_tenant))
        }
        SetExpr::Select(select) => match select.projection.get(place) {
            Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) => is_tenant(expr),
            _ => false,
        },
        SetExpr::SetOperation { left, right, .. } => gives_tenant(left, place) && gives_tenant(right, place),
        SetExpr::Query(query) => gives_tenant(&query.body, place),
        _ => false,
    }
}

fn is_tenant(expr: &Expr) -> bool {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::Placeholder(name), .. }) => name == "$1",
        Expr::Cast { expr, .. } => is_tenant(expr),
        _ => false,
    }
}

fn keeps_tenant<'a>(targets: impl Iterator<Item = &'a AssignmentTarget>) -> Result<(), String> {
    for target in targets {
        match target {
            AssignmentTarget::ColumnName(column) if is_tenant_id(column) => {
                return Err("a row never changes its tenant".to_owned());
            }
            AssignmentTarget::ColumnName(_) => (),
            AssignmentTarget::Tuple(_) => return Err("columns are set one by one".to_owned()),
        }
    }
    Ok(())
}

/// Whom the top-level ANDs of `condition` bind: `Some(alias)` for `alias.tenant_id = $1`, none for a bare `tenant_id = $1`.
fn conjuncts(condition: &Expr, bound: &mut Vec<Option<String>>) {
    match condition {
        Expr::Nested(inner) => conjuncts(inner, bound),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            conjuncts(left, bound);
            conjuncts(right, bound);
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } if is_tenant(right) => match &**left {
            Expr::Identifier(column) if column.value == "tenant_id" => bound.push(None),
            Expr::CompoundIdentifier(path) => {
                if let [alias, column] = &path[..]
                    && column.value == "tenant_id"
                {
                    bound.push(Some(alias.value.clone()));
                }
            }
            _ => (),
        },
        _ => (),
    }
}
