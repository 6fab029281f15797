//! Just enough XML to say whether a picture is well formed.

/// The texts of all elements, their marks read back. Says what is wrong if tags do not match, attributes repeat or lack
/// quotes, or a mark is where it may not be.
pub(super) fn texts(xml: &str) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = xml;
    while let Some((text, after)) = rest.split_once('<') {
        if open.last().is_some_and(|tag| tag != "style") && !text.trim().is_empty() {
            texts.push(read_back(text)?);
        } else if open.is_empty() && !text.trim().is_empty() {
            return Err(format!("text outside the root: {text}"));
        }
        let (tag, next) = after.split_once('>').ok_or("a tag that does not end")?;
        rest = next;
        if let Some(name) = tag.strip_prefix('/') {
            let opened = open.pop().ok_or_else(|| format!("</{name}> closes nothing"))?;
            if opened != name {
                return Err(format!("</{name}> closes <{opened}>"));
            }
            continue;
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        check_attributes(attributes)?;
        if !closed {
            open.push(name.to_owned());
        }
    }
    match (open.as_slice(), rest.trim()) {
        ([], "") => Ok(texts),
        (open, rest) => Err(format!("{open:?} are not closed, and `{rest}` is left")),
    }
}

fn check_attributes(text: &str) -> Result<(), String> {
    let mut names = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").ok_or_else(|| format!("no value: {rest}"))?;
        let (value, after) = after.split_once('"').ok_or_else(|| format!("no end: {rest}"))?;
        if names.contains(&name) || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(format!("a bad name: {name}"));
        }
        names.push(name);
        read_back(value)?;
        rest = after.trim_start();
    }
    Ok(())
}

fn read_back(text: &str) -> Result<String, String> {
    let mut read = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        read.push_str(before);
        let (mark, after) = after.split_once(';').ok_or_else(|| format!("a bare & in {text}"))?;
        read.push(match mark {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" => '\'',
            _ => return Err(format!("an unknown mark &{mark};")),
        });
        rest = after;
    }
    Ok(read + rest)
}

#[test]
fn what_is_broken_is_found() {
    assert_eq!(texts("<a b=\"1\"><c/>x &lt; y</a>").unwrap(), ["x < y"]);
    for broken in ["<a>", "<a></b>", "<a b=1/>", "<a b=\"1\" b=\"2\"/>", "<a>&</a>", "<a/>x", "</a>", "<a>&x;</a>"] {
        assert!(texts(broken).is_err(), "{broken}");
    }
}
