//! Drawing what is shown but not typed into: a drawing is a value, made anew whenever a signal changes that it has read,
//! and compared with what stands in the page, so that only what differs is touched.
//!
//! Typed views compile one set of functions for each shape of element; figures, tables and charts have hundreds of
//! shapes, and the page would not fit into its 300 kB. Here each element costs a call.
//!
//! Must not: take HTML as text; text is always a text node.

mod standing;

use std::rc::Rc;

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, Node};

use standing::{Heard, Tree, stand};

const SVG: &str = "http://www.w3.org/2000/svg";

/// What is done when an event comes. A trait of our own, because a boxed `Fn` carries a second copy of its code.
trait Act {
    fn act(&self, event: Event);
}

impl<F: Fn(Event)> Act for F {
    fn act(&self, event: Event) {
        self(event);
    }
}

/// How a place is drawn; a trait of our own for the same reason.
trait Draw {
    fn draw(&self) -> El;
}

impl<F: Fn() -> El> Draw for F {
    fn draw(&self) -> El {
        self()
    }
}

/// An element that is wanted, and once it is made, the one that stands in the page. A pointer, because a chain of calls
/// hands it on at each link.
pub(crate) struct El(Box<Parts>);

/// What an element has.
struct Parts {
    tag: &'static str,
    is_svg: bool,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Child>,
    acts: Vec<(&'static str, Rc<dyn Act>)>,
    follows: Vec<Follow>,
    /// How many of these there were; they are gone once they are followed.
    followed: usize,
    /// The element in the page.
    node: Option<Element>,
    heard: Vec<Heard>,
    /// What is drawn inside by itself.
    inside: Tree,
}

/// What stands inside an element.
enum Child {
    /// A text, and its node in the page.
    Text(String, Option<Node>),
    /// An element.
    El(El),
}

/// What goes along with signals by itself.
enum Follow {
    /// An attribute; `None` takes it away.
    Attribute(&'static str, Box<dyn Fn() -> Option<String>>),
    /// What a form element holds.
    Property(&'static str, Box<dyn Fn() -> JsValue>),
    /// What is drawn inside.
    Content(Box<dyn Draw>),
}

#[inline(never)]
fn element(tag: &'static str, is_svg: bool, class: &str) -> El {
    let element = El(Box::new(Parts {
        tag,
        is_svg,
        attributes: Vec::new(),
        children: Vec::new(),
        acts: Vec::new(),
        follows: Vec::new(),
        followed: 0,
        node: None,
        heard: Vec::new(),
        inside: Tree::default(),
    }));
    if class.is_empty() { element } else { element.set("class", class) }
}

/// An element of HTML; the class may be empty.
pub(crate) fn el(tag: &'static str, class: &str) -> El {
    element(tag, false, class)
}

/// An element of HTML with a text.
pub(crate) fn text(tag: &'static str, class: &str, text: impl AsRef<str>) -> El {
    with_text(tag, class, text.as_ref())
}

#[inline(never)]
fn with_text(tag: &'static str, class: &str, text: &str) -> El {
    el(tag, class).text(text)
}

/// An element of SVG; the class may be empty.
pub(crate) fn svg(tag: &'static str, class: &str) -> El {
    element(tag, true, class)
}

/// Several elements where one is asked for.
pub(crate) fn group(parts: impl IntoIterator<Item = El>) -> El {
    el("div", "drawn").all(parts)
}

impl El {
    /// Sets an attribute.
    #[inline(never)]
    pub(crate) fn set(mut self, name: &'static str, value: &str) -> Self {
        let value = value.to_owned();
        match self.0.attributes.iter_mut().find(|known| known.0 == name) {
            Some(known) => known.1 = value,
            None => self.0.attributes.push((name, value)),
        }
        self
    }

    /// Sets an attribute where there is a value.
    pub(crate) fn set_if(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Sets numbers, as drawings have many.
    pub(crate) fn at<const N: usize>(self, places: [(&'static str, f64); N]) -> Self {
        places.into_iter().fold(self, |element, (name, value)| element.set(name, &format!("{value:.1}")))
    }

    /// Adds a text.
    #[inline(never)]
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.children.push(Child::Text(text.to_owned(), None));
        self
    }

    /// Adds an element.
    #[inline(never)]
    pub(crate) fn add(mut self, child: Self) -> Self {
        self.0.children.push(Child::El(child));
        self
    }

    /// Adds an element where there is one.
    #[inline(never)]
    pub(crate) fn maybe(self, child: Option<Self>) -> Self {
        match child {
            Some(child) => self.add(child),
            None => self,
        }
    }

    /// Adds some elements.
    pub(crate) fn all(self, children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(self, Self::add)
    }

    /// Does something when an event comes.
    pub(crate) fn on(mut self, event: &'static str, act: impl Fn(Event) + 'static) -> Self {
        self.0.acts.push((event, Rc::new(act)));
        self
    }

    /// Keeps an attribute as a signal says; `None` takes it away.
    pub(crate) fn bind(self, name: &'static str, value: impl Fn() -> Option<String> + 'static) -> Self {
        self.along(Follow::Attribute(name, Box::new(value)))
    }

    /// Keeps what a form element holds as a signal says.
    pub(crate) fn hold(self, name: &'static str, value: impl Fn() -> JsValue + 'static) -> Self {
        self.along(Follow::Property(name, Box::new(value)))
    }

    #[inline(never)]
    fn along(mut self, follow: Follow) -> Self {
        self.0.follows.push(follow);
        self
    }
}

/// What a form element holds now.
pub(crate) fn value_of(event: &Event) -> String {
    let target = event.target().map(JsValue::from).unwrap_or_default();
    js_sys::Reflect::get(&target, &JsValue::from_str("value"))
        .ok()
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}

/// The number that a form element holds now; not a number where there is none.
pub(crate) fn number_of(event: &Event) -> f64 {
    let target = event.target().map(JsValue::from).unwrap_or_default();
    js_sys::Reflect::get(&target, &JsValue::from_str("valueAsNumber"))
        .ok()
        .and_then(|value| value.as_f64())
        .unwrap_or(f64::NAN)
}

/// The attribute of the nearest element around an event that has it: one listener for a whole table.
pub(crate) fn nearest(event: &Event, attribute: &str) -> Option<String> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(&format!("[{attribute}]")).ok()??.get_attribute(attribute)
}

/// A place inside a drawing that is drawn again by itself, whenever a signal changes that it has read.
pub(crate) fn slot(draw: impl Fn() -> El + 'static) -> El {
    el("div", "drawn").along(Follow::Content(Box::new(draw)))
}

/// A place in the page that is drawn now, and again whenever a signal changes that drawing has read.
pub(crate) fn drawn(draw: impl Fn() -> El + 'static) -> AnyView {
    place(Box::new(draw))
}

fn place(draw: Box<dyn Draw>) -> AnyView {
    let place = NodeRef::<Div>::new();
    let tree = Tree::default();
    Effect::new(move |_| {
        if let Some(place) = place.get() {
            stand(&place, &tree, draw.draw());
        }
    });
    view! { <div class="drawn" node_ref=place></div> }.into_any()
}

/// A page of these parts. One shape for all of them: each further one would be compiled anew.
pub(crate) fn page(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    view! { <div class=class>{parts}</div> }.into_any()
}
