use super::*;

#[track_caller]
fn check(before: &str, after: &str, expected: &str) {
    let diff = Diff::of(before.as_bytes(), after.as_bytes());
    assert_eq!(diff.text, expected);
    let count = |sign: char| expected.lines().filter(|line| line.starts_with(sign)).count();
    assert_eq!((diff.added, diff.removed), (count('+'), count('-')));
}

fn numbered(word: &str, count: usize) -> String {
    (0..count).map(|line| format!("{word}{line}\n")).collect::<Vec<_>>().concat()
}

#[test]
fn hunks_have_three_lines_around_them() {
    check("a\n", "a\n", "");
    check("a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n");
    check("", "a\n", "@@ -0,0 +1 @@\n+a\n");
    check("a\n", "", "@@ -1 +0,0 @@\n-a\n");
    check(
        "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
        "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
    );
    check("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nnew\n5\n", "@@ -2,4 +2,5 @@\n 2\n 3\n 4\n+new\n 5\n");
    check(
        "a\nb",
        "a\nc",
        "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n",
    );
    let far = numbered("", 20);
    check(
        &far,
        &far.replace("\n2\n", "\n").replace("\n17\n", "\n17\nx\n"),
        "@@ -1,6 +1,5 @@\n 0\n 1\n-2\n 3\n 4\n 5\n@@ -16,5 +15,6 @@\n 15\n 16\n 17\n+x\n 18\n 19\n",
    );
}

#[test]
fn equal_lines_that_touch_the_change_are_told_apart() {
    check("a\na\n", "a\na\na\n", "@@ -1,2 +1,3 @@\n a\n a\n+a\n");
    check("a\na\na\na\na\na\n", "a\na\n", "@@ -1,6 +1,2 @@\n a\n a\n-a\n-a\n-a\n-a\n");
}

#[test]
fn the_line_numbers_are_those_of_the_whole_text() {
    let before = numbered("line ", 50_000);
    let after = before.replace("line 30000\n", "line 30000\nnew\n");
    let diff = Diff::of(before.as_bytes(), after.as_bytes());
    assert_eq!(diff.text.lines().next(), Some("@@ -29999,6 +29999,7 @@"));
    assert_eq!((diff.added, diff.removed), (1, 0));
}

#[test]
fn what_is_not_text_is_shown_all_the_same() {
    assert_eq!(Diff::of(b"\xff\n", b"\xff\xfe\n").text, "@@ -1 +1 @@\n-\u{fffd}\n+\u{fffd}\u{fffd}\n");
}

#[test]
fn a_long_diff_is_cut_at_a_line() {
    let after = numbered("line ", 200_000);
    let diff = Diff::of(b"", after.as_bytes());
    assert_eq!(diff.added, 200_000);
    assert!(written_size(&diff.text) < LIMIT + 100);
    let last = diff.text.lines().last().unwrap();
    assert!(last.starts_with("\\ cut off after "), "{last}");
}
