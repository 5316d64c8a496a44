//! Writing a policy as people lay it out.

/// A policy under construction: two tabs of indentation for what stands in a section.
#[derive(Debug, Default)]
pub(super) struct Text {
    out: String,
}

impl Text {
    pub(super) fn line(&mut self, depth: usize, line: &str) {
        self.out.extend(std::iter::repeat_n('\t', depth));
        self.out.push_str(line);
        self.out.push('\n');
    }

    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// `"name": [`, one item per line, `],`; an item's comment follows it on its line.
    pub(super) fn list(&mut self, depth: usize, name: &str, items: &[(String, Option<String>)]) {
        if items.is_empty() {
            self.line(depth, &format!("{}: [],", quoted(name)));
            return;
        }
        self.line(depth, &format!("{}: [", quoted(name)));
        for (item, comment) in items {
            let comment = comment.as_ref().map(|comment| format!(" // {comment}")).unwrap_or_default();
            self.line(depth + 1, &format!("{},{comment}", quoted(item)));
        }
        self.line(depth, "],");
    }

    /// `"name": ["a", "b"],`
    pub(super) fn inline(&mut self, depth: usize, name: &str, items: &[&str]) {
        let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
        self.line(depth, &format!("{}: [{}],", quoted(name), items.join(", ")));
    }

    /// `"name": "value",`
    pub(super) fn pair(&mut self, depth: usize, name: &str, value: &str) {
        self.line(depth, &format!("{}: {},", quoted(name), quoted(value)));
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
