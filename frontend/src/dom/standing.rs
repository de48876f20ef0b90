//! A drawing that stands in the page, and the next one in its place: only what differs is touched.
//!
//! What the visitor did stays where it was done, because the element stays: focus, the place in a text, open disclosures,
//! sideways scrolling. Must not: read a size or a place, which would make the browser lay out the page at once.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::{Effect, document};
use leptos::tachys::renderer::dom::Dom;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, Node};

use super::{Act, Child, Draw, El, Follow, SVG};
use crate::matching;

/// What stands in a place.
pub(super) type Tree = Rc<RefCell<Option<El>>>;
/// What is done when an event comes: it may change, the listener stays.
pub(super) type Heard = Rc<RefCell<Rc<dyn Act>>>;

/// Puts a drawing where the last one stands.
pub(super) fn stand(place: &Element, tree: &Tree, fresh: El) {
    let active = document()
        .active_element()
        .filter(|active| place.contains(Some(active)))
        .map(|active| active.id())
        .filter(|id| !id.is_empty());
    let old = tree.borrow_mut().take();
    let now = match old {
        Some(old) if old.is_like(&fresh) => old.turn_into(fresh),
        _ => {
            let now = fresh.make();
            if let Some(node) = &now.0.node {
                place.replace_children_with_node_1(node);
            }
            now
        }
    };
    *tree.borrow_mut() = Some(now);
    if let Some(id) = active {
        keep_focus(&id);
    }
}

/// Puts the focus back where the element of this name stands now.
fn keep_focus(id: &str) {
    if document().active_element().is_some_and(|active| active.id() == id) {
        return;
    }
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}

/// Keeps a place as `draw` says.
fn redraw(place: Element, tree: Tree, draw: Box<dyn Draw>) {
    Effect::new(move |_| stand(&place, &tree, draw.draw()));
}

impl El {
    /// Whether one can become the other: the same element to the visitor.
    fn is_like(&self, other: &Self) -> bool {
        self.0.tag == other.0.tag
            && self.0.is_svg == other.0.is_svg
            // A button holds nothing of its visitor's but the focus, which goes by its name.
            && (self.0.tag == "button" || self.attribute("id") == other.attribute("id"))
            && self.following() == other.following()
            && self.0.acts.len() == other.0.acts.len()
            && self.0.acts.iter().zip(&other.0.acts).all(|(own, others)| own.0 == others.0)
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.0.attributes.iter().find(|known| known.0 == name).map(|known| known.1.as_str())
    }

    /// How many signals it goes along with.
    fn following(&self) -> usize {
        self.0.follows.len() + self.0.followed
    }

    /// Makes the element with all inside.
    fn make(mut self) -> Self {
        let node = Dom::create_element(self.0.tag, self.0.is_svg.then_some(SVG));
        for (name, value) in &self.0.attributes {
            Dom::set_attribute(&node, name, value);
        }
        for (event, act) in &self.0.acts {
            self.0.heard.push(listen(&node, event, Rc::clone(act)));
        }
        self.0.children = self.0.children.into_iter().map(Child::make).collect();
        for child in &self.0.children {
            if let Some(child) = child.node() {
                Dom::insert_node(&node, child, None);
            }
        }
        self.follow(&node, Tree::default());
        self.0.node = Some(node);
        self
    }

    /// Makes this one, which stands, into another one like it.
    fn turn_into(mut self, mut fresh: Self) -> Self {
        let Some(node) = self.0.node.take() else { return fresh.make() };
        for (name, value) in &fresh.0.attributes {
            if self.attribute(name) != Some(value) {
                write(&node, fresh.0.tag, name, Some(value));
            }
        }
        for (name, _) in &self.0.attributes {
            if fresh.attribute(name).is_none() {
                write(&node, fresh.0.tag, name, None);
            }
        }
        for (heard, (_, act)) in self.0.heard.iter().zip(&fresh.0.acts) {
            heard.replace(Rc::clone(act));
        }
        fresh.0.heard = self.0.heard;
        fresh.0.children = renew(&node, self.0.children, fresh.0.children);
        fresh.follow(&node, self.0.inside);
        fresh.0.node = Some(node);
        fresh
    }

    /// Keeps what signals say. The effects of the drawing before are gone with it; what they drew inside still stands.
    fn follow(&mut self, node: &Element, inside: Tree) {
        for follow in self.0.follows.drain(..) {
            let node = node.clone();
            match follow {
                Follow::Attribute(name, value) => {
                    Effect::new(move |_| write(&node, "", name, value().as_deref()));
                }
                Follow::Property(name, value) => {
                    Effect::new(move |_| put(&node, name, &value()));
                }
                Follow::Content(draw) => redraw(node, Rc::clone(&inside), draw),
            }
            self.0.followed += 1;
        }
        self.0.inside = inside;
    }
}

impl Child {
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::El(own), Self::El(others)) => own.is_like(others),
            (Self::Text(..), Self::Text(..)) => true,
            _ => false,
        }
    }

    fn node(&self) -> Option<&Node> {
        match self {
            Self::El(element) => element.0.node.as_ref().map(AsRef::as_ref),
            Self::Text(_, node) => node.as_ref(),
        }
    }

    fn make(self) -> Self {
        match self {
            Self::El(element) => Self::El(element.make()),
            Self::Text(text, _) => {
                let node = Dom::create_text_node(&text).into();
                Self::Text(text, Some(node))
            }
        }
    }

    fn turn_into(self, fresh: Self) -> Self {
        match (self, fresh) {
            (Self::El(old), Self::El(fresh)) => Self::El(old.turn_into(fresh)),
            (Self::Text(old, Some(node)), Self::Text(fresh, _)) => {
                if old != fresh {
                    node.set_node_value(Some(&fresh));
                }
                Self::Text(fresh, Some(node))
            }
            (_, fresh) => fresh.make(),
        }
    }
}

/// Makes what stands inside an element into what is wanted there.
fn renew(parent: &Element, standing: Vec<Child>, wanted: Vec<Child>) -> Vec<Child> {
    let places = matching::taken(&standing, &wanted, Child::is_like);
    let mut rest = standing.into_iter().enumerate().peekable();
    let mut now = Vec::with_capacity(wanted.len());
    for (fresh, place) in wanted.into_iter().zip(places) {
        if let Some(place) = place {
            while let Some((_, gone)) = rest.next_if(|(at, _)| *at < place) {
                remove(parent, &gone);
            }
        }
        match rest.next_if(|(at, _)| Some(*at) == place) {
            Some((_, old)) => now.push(old.turn_into(fresh)),
            None => {
                let made = fresh.make();
                if let Some(node) = made.node() {
                    Dom::insert_node(parent, node, rest.peek().and_then(|(_, next)| next.node()));
                }
                now.push(made);
            }
        }
    }
    for (_, gone) in rest {
        remove(parent, &gone);
    }
    now
}

fn remove(parent: &Element, child: &Child) {
    if let Some(node) = child.node() {
        let _ = parent.remove_child(node);
    }
}

/// Writes an attribute, or takes it away; what a form element holds now goes along with it.
fn write(node: &Element, tag: &str, name: &str, value: Option<&str>) {
    match value {
        Some(value) => Dom::set_attribute(node, name, value),
        None => Dom::remove_attribute(node, name),
    }
    match (tag, name) {
        ("input", "value") => put(node, name, &JsValue::from_str(value.unwrap_or_default())),
        ("input", "checked") | ("option", "selected") => {
            put(node, name, &JsValue::from_bool(value.is_some()))
        }
        _ => {}
    }
}

/// Sets what a form element holds. Writing what is there already would move the caret.
fn put(node: &Element, name: &str, value: &JsValue) {
    let name = JsValue::from_str(name);
    if js_sys::Reflect::get(node, &name).is_ok_and(|now| now != *value) {
        let _ = js_sys::Reflect::set(node, &name, value);
    }
}

fn listen(node: &Element, event: &str, act: Rc<dyn Act>) -> Heard {
    let heard: Heard = Rc::new(RefCell::new(act));
    let hears = Rc::clone(&heard);
    let closure = Closure::<dyn Fn(Event)>::new(move |event| {
        let act = Rc::clone(&hears.borrow());
        act.act(event);
    });
    // An event name that the browser refuses is not written here.
    let _ = node.add_event_listener_with_callback(event, closure.into_js_value().unchecked_ref());
    heard
}
