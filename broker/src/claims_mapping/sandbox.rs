//! What may stand in a rule. A rule is an expression tree that is walked once: nothing in it repeats.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};
use cel::parser::Macro;
use cel::{Env, ExecutionError, Program, extensions};

/// The language of rules: CEL's standard library and its functions on texts, and of its macros `has`
/// alone. The others iterate.
pub(super) fn env() -> Env {
    let mut env = Env::default().with_stdlib();
    // Neither can fail: nothing of these names is there yet.
    drop(env.add_extension(extensions::strings));
    drop(env.add_macro(Macro::global(
        "has",
        1,
        |helper, _, arguments| match arguments.pop() {
            Some(IdedExpr {
                expr: Expr::Select(select),
                ..
            }) => {
                let test = SelectExpr {
                    test: true,
                    ..select
                };
                Ok(Some(helper.next_expr(Expr::Select(test))))
            }
            _ => Err(helper.new_error(0, "has() asks for a member, such as has(claims.email)")),
        },
    )));
    env
}

/// Compiles a rule and refuses what could cost more than it should.
pub(super) fn compile(env: &Env, text: &str) -> Result<Program, String> {
    if text.len() > LONGEST_RULE {
        return Err(format!("a rule has {LONGEST_RULE} characters at most"));
    }
    if deepest(text) > MOST_BRACKETS || text.matches('?').count() > MOST_CONDITIONS {
        return Err(format!(
            "a rule opens {MOST_BRACKETS} brackets within each other at most, and {MOST_CONDITIONS} conditions"
        ));
    }
    let program = parse(env, text)?;
    let mut measure = Measure::default();
    measure.inspect(program.expression())?;
    Ok(program)
}

/// Parses on a stack of its own: the parser goes a dozen calls deep for each bracket, and a rule is
/// compiled once for every record, never in a login.
fn parse(env: &Env, text: &str) -> Result<Program, String> {
    let unparsed = || "the rule cannot be parsed".to_owned();
    let parsed = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(PARSER_STACK);
        let parsing = thread.spawn_scoped(scope, || env.compile(text));
        parsing.ok().and_then(|parsing| parsing.join().ok())
    });
    parsed.ok_or_else(unparsed)?.map_err(|errors| {
        let first = errors.errors.first();
        first.map_or_else(unparsed, |error| {
            format!(
                "line {}, column {}: {}",
                error.pos.0, error.pos.1, error.msg
            )
        })
    })
}

/// How many brackets are open at once: the parser recurses for each. Those in texts count too, which
/// harms nobody.
fn deepest(text: &str) -> usize {
    let mut open = 0_usize;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => continue,
        }
        deepest = deepest.max(open);
    }
    deepest
}

/// What has been seen of a tree. Evaluation recurses as deep as the tree is, on the stack of whoever
/// serves the login.
#[derive(Default)]
struct Measure {
    parts: usize,
    depth: usize,
    splits: usize,
}

impl Measure {
    /// Walks the tree: no iteration, no function but those listed, no more than a rule needs.
    fn inspect(&mut self, node: &IdedExpr) -> Result<(), String> {
        self.parts += 1;
        self.depth += 1;
        if self.parts > MOST_PARTS || self.depth > DEEPEST {
            return Err(format!(
                "a rule has {MOST_PARTS} parts and is {DEEPEST} deep at most; a + b + c is 3 deep"
            ));
        }
        let inspected = match &node.expr {
            Expr::Unspecified | Expr::Literal(_) => Ok(()),
            Expr::Ident(name) if VARIABLES.contains(&name.as_str()) => Ok(()),
            Expr::Ident(name) => Err(format!("{name} is not there: {} are", VARIABLES.join(", "))),
            Expr::Comprehension(_) => Err("a rule does not iterate".to_owned()),
            Expr::Struct(_) => Err("a rule makes no objects of named types".to_owned()),
            Expr::Select(select) => self.inspect(&select.operand),
            Expr::List(list) => list
                .elements
                .iter()
                .try_for_each(|element| self.inspect(element)),
            Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => {
                    self.inspect(&entry.key)?;
                    self.inspect(&entry.value)
                }
                EntryExpr::StructField(field) => self.inspect(&field.value),
            }),
            Expr::Call(call) => self.inspect_call(call),
        };
        self.depth -= 1;
        inspected
    }

    fn inspect_call(&mut self, call: &CallExpr) -> Result<(), String> {
        let name = call.func_name.as_str();
        // Operators are calls too, with names that no function has.
        let is_operator = !name.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if !is_operator && !FUNCTIONS.contains(&name) {
            return Err(format!(
                "{name}() is not there: {} are",
                FUNCTIONS.join(", ")
            ));
        }
        self.splits += usize::from(name == "split");
        if self.splits > MOST_SPLITS {
            return Err(format!("a rule splits {MOST_SPLITS} times at most"));
        }
        // It is looked for at each place in turn: what comes from outside could make that long.
        let needle = call.args.first().and_then(text);
        if ["indexOf", "lastIndexOf"].contains(&name) && needle.is_none() {
            return Err(format!("{name}() looks for a text that the rule names"));
        }
        call.target
            .iter()
            .map(AsRef::as_ref)
            .chain(&call.args)
            .try_for_each(|part| self.inspect(part))
    }
}

/// What went wrong in `rule`, without the values it went wrong with: they are somebody's. A member is
/// named where the rule names it, and not where the rule computed its name.
pub(super) fn told(error: &ExecutionError, rule: &IdedExpr) -> String {
    match error {
        ExecutionError::NoSuchKey(key) if names(rule, key) => format!("there is no member {key}"),
        ExecutionError::NoSuchKey(_) => "there is no such member".to_owned(),
        ExecutionError::UndeclaredReference(name) => format!("{name} is not there"),
        ExecutionError::NoSuchOverload(overload) => overload.to_string(),
        ExecutionError::UnexpectedType { got, want } => format!("{want} is wanted, not {got}"),
        ExecutionError::FunctionError { function, .. } => format!("{function}() failed"),
        ExecutionError::IndexOutOfBounds(_) => "an index that is not there".to_owned(),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "a division by zero".to_owned()
        }
        _ => "operands that do not go together".to_owned(),
    }
}

/// Whether `rule` asks for a member `key` by that very name.
fn names(rule: &IdedExpr, key: &str) -> bool {
    let is_it = |node: &IdedExpr| text(node) == Some(key);
    match &rule.expr {
        Expr::Select(select) => select.field == key || names(&select.operand, key),
        Expr::List(list) => list.elements.iter().any(|element| names(element, key)),
        Expr::Map(map) => map.entries.iter().any(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => names(&entry.key, key) || names(&entry.value, key),
            EntryExpr::StructField(field) => names(&field.value, key),
        }),
        Expr::Call(call) => {
            let indexes =
                [operators::INDEX, operators::OPT_INDEX].contains(&call.func_name.as_str());
            let by_name = indexes && call.args.last().is_some_and(is_it);
            let mut parts = call.target.iter().map(AsRef::as_ref).chain(&call.args);
            by_name || parts.any(|part| names(part, key))
        }
        _ => false,
    }
}

/// The text that a rule has there.
fn text(node: &IdedExpr) -> Option<&str> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// The variables there are.
const VARIABLES: [&str; 3] = ["claims", "id_token", "userinfo"];

/// The functions there are: none makes more than it is given, but for a few characters. `replace`,
/// `join` and `format` can double a text with each call; `matches` compiles what may come from outside.
const FUNCTIONS: [&str; 24] = [
    "has",
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "charAt",
    "indexOf",
    "lastIndexOf",
    "lowerAscii",
    "upperAscii",
    "trim",
    "substring",
    "split",
    "reverse",
    "string",
    "int",
    "uint",
    "double",
    "bool",
    "orValue",
    "hasValue",
    "value",
    "or",
    "type",
];

const LONGEST_RULE: usize = 2000;
const MOST_BRACKETS: usize = 20;
const MOST_CONDITIONS: usize = 30;
const MOST_PARTS: usize = 200;
const DEEPEST: usize = 16;
/// Each may make a list with an element for each letter.
const MOST_SPLITS: usize = 4;
/// In bytes. Enough for the limits above in a build without optimisation.
const PARSER_STACK: usize = 16 * 1024 * 1024;
