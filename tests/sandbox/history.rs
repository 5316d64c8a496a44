//! The stored policy texts, one after the other.

use serde_json::{Value, json};
use tailgrant::sandbox::{Author, Fault, ForeignEdit, Scope, Settings, Store};

use crate::{ACL, KEY, Rig, answer, json, tag};

async fn remembering(history: usize) -> Rig {
    let settings =
        Settings { policy: Some("{}\n".into()), store: Store::Verbatim, history, ..Settings::default() };
    Rig::start(settings).await
}

#[tokio::test]
async fn every_stored_text_is_told_with_its_author() {
    let rig = remembering(100).await;
    let begin = rig.tag().await;
    let stored = tag(&rig.post(ACL).body("{ }\n").send().await.unwrap());
    rig.sandbox.fail_next(Scope::WritePolicy, Fault::LostAnswer);
    rig.post(ACL).body("{\"hosts\": {}}\n").send().await.unwrap_err();
    answer(rig.post(ACL).header("if-match", "\"no\"").body("{}\n")).await;
    rig.sandbox.edit_policy("{} // theirs\n".into());
    let url = format!("{}/_sandbox/history", rig.sandbox.url());
    let history = json(rig.client.get(&url)).await;

    let entries = history.as_array().unwrap();
    let column = |name: &str| -> Vec<Value> { entries.iter().map(|entry| entry[name].clone()).collect() };
    assert_eq!(column("number"), [0, 1, 2, 3]);
    assert_eq!(column("by"), ["start", "api", "api", "somebody-else"]);
    let id = KEY.split('-').nth(2).unwrap();
    assert_eq!(column("key"), [Value::Null, json!(id), json!(id), Value::Null]);
    assert_eq!(column("text"), ["{}\n", "{ }\n", "{\"hosts\": {}}\n", "{} // theirs\n"]);
    let quoted = |value: &Value| format!("\"{}\"", value.as_str().unwrap());
    assert_eq!((quoted(&entries[0]["after"]), quoted(&entries[1]["before"])), (begin.clone(), begin));
    assert_eq!(quoted(&entries[1]["after"]), stored);
    assert_eq!(entries[1]["before"], entries[1]["after"], "only the layout changed");
    assert_eq!(entries[2]["after"], entries[3]["before"]);
    assert!(column("milliseconds").is_sorted_by_key(|time| time.as_u64().unwrap()));
    assert!(!history.to_string().contains("secret"));
}

#[tokio::test]
async fn every_change_of_a_role_is_told() {
    let rig = remembering(1).await;
    let user = rig.sandbox.change(|world| world.add_user("uma@example.com", "member"));
    let path = format!("/users/{user}/role");
    for role in ["admin", "auditor", "auditor", "nobody"] {
        answer(rig.post(&path).body(json!({"role": role}).to_string())).await;
    }
    let changes = rig.sandbox.role_changes();
    let [change] = changes.as_slice() else { panic!("only the newest is kept: {changes:?}") };
    assert_eq!((&*change.before, &*change.after), ("admin", "auditor"));
    assert_eq!((&change.user, change.key.as_deref()), (&user, KEY.split('-').nth(2)));
}

#[tokio::test]
async fn only_the_newest_are_kept_and_without_being_asked_none() {
    let rig = remembering(2).await;
    for text in ["{} // 1\n", "{} // 2\n"] {
        rig.sandbox.edit_policy(text.into());
    }
    let kept: Vec<_> =
        rig.sandbox.history().into_iter().map(|stored| (stored.number, stored.by, stored.text)).collect();
    let theirs = |number, text: &str| (number, Author::SomebodyElse, text.to_owned());
    assert_eq!(kept, [theirs(1, "{} // 1\n"), theirs(2, "{} // 2\n")]);

    let rig = Rig::small().await;
    let url = format!("{}/_sandbox/history", rig.sandbox.url());
    let (status, text) = answer(rig.client.get(&url)).await;
    assert!(status == 404 && text.contains("--history"), "{status} {text}");
    assert!(rig.sandbox.history().is_empty());
}

#[tokio::test]
async fn an_edit_of_layout_keeps_the_tag_and_others_change_it() {
    let rig = Rig::start(Settings { store: Store::Verbatim, history: 100, ..Settings::default() }).await;
    for edit in [
        ForeignEdit::Remark,
        ForeignEdit::Comment,
        ForeignEdit::Member,
        ForeignEdit::Host,
        ForeignEdit::Rule,
        ForeignEdit::Layout,
    ] {
        let before = rig.tag().await;
        rig.sandbox.fail_next(Scope::ReadPolicy, Fault::ForeignEdit(edit));
        answer(rig.get(ACL)).await;
        let (status, text) = answer(rig.post("/tailnet/-/acl/validate").body(rig.sandbox.policy())).await;
        assert!(status == 200 && !text.contains("message"), "{edit}: {text}");
        assert_eq!(rig.tag().await == before, edit == ForeignEdit::Layout, "{edit}");
        let last = rig.sandbox.history().pop().unwrap();
        assert_eq!((last.by, last.text.into_bytes()), (Author::SomebodyElse, rig.sandbox.policy()));
    }
}
