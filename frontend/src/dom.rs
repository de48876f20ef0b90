//! Drawing what is shown but not typed into: elements made at run time, redrawn as a whole when a signal changes.
//!
//! Typed views compile one set of functions for each shape of element; figures, tables and charts have hundreds of
//! shapes, and the page would not fit into its 300 kB. Here each element costs a call. Redrawing keeps what the visitor
//! did: focus, the place in a text, open disclosures, sideways scrolling of whatever has an id.
//!
//! Must not: take HTML as text; text is always a text node.

use leptos::html::Div;
use leptos::prelude::*;
use leptos::tachys::renderer::dom::Dom;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

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

/// An element that is being made.
pub(crate) struct El(Element);

/// An element of HTML; the class may be empty.
pub(crate) fn el(tag: &str, class: &str) -> El {
    El(Dom::create_element(tag, None)).class(class)
}

/// An element of HTML with a text.
pub(crate) fn text(tag: &str, class: &str, text: impl AsRef<str>) -> El {
    el(tag, class).text(text.as_ref())
}

/// An element of SVG; the class may be empty.
pub(crate) fn svg(tag: &str, class: &str) -> El {
    El(Dom::create_element(tag, Some(SVG))).class(class)
}

/// Several elements where one is asked for.
pub(crate) fn group(parts: impl IntoIterator<Item = El>) -> El {
    el("div", "drawn").all(parts)
}

impl El {
    fn class(self, class: &str) -> Self {
        if class.is_empty() { self } else { self.set("class", class) }
    }

    /// Sets an attribute.
    pub(crate) fn set(self, name: &str, value: &str) -> Self {
        Dom::set_attribute(&self.0, name, value);
        self
    }

    /// Sets an attribute where there is a value.
    pub(crate) fn set_if(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Sets numbers, as drawings have many.
    pub(crate) fn at<const N: usize>(self, places: [(&str, f64); N]) -> Self {
        places.into_iter().fold(self, |element, (name, value)| element.set(name, &format!("{value:.1}")))
    }

    /// Adds a text.
    pub(crate) fn text(self, text: &str) -> Self {
        Dom::insert_node(&self.0, &Dom::create_text_node(text), None);
        self
    }

    /// Adds an element.
    pub(crate) fn add(self, child: Self) -> Self {
        Dom::insert_node(&self.0, &child.0, None);
        self
    }

    /// Adds an element where there is one.
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
    pub(crate) fn on(self, event: &str, act: impl Fn(Event) + 'static) -> Self {
        self.listen(event, Box::new(act))
    }

    /// Keeps an attribute as a signal says; `None` takes it away.
    pub(crate) fn bind(self, name: &'static str, value: impl Fn() -> Option<String> + 'static) -> Self {
        self.follow(name, Box::new(value))
    }

    fn follow(self, name: &'static str, value: Box<dyn Fn() -> Option<String>>) -> Self {
        let element = self.0.clone();
        Effect::new(move |_| match value() {
            Some(value) => Dom::set_attribute(&element, name, &value),
            None => Dom::remove_attribute(&element, name),
        });
        self
    }

    /// Keeps what a form element holds as a signal says.
    pub(crate) fn hold(self, name: &'static str, value: impl Fn() -> JsValue + 'static) -> Self {
        let element = self.0.clone();
        let name = JsValue::from_str(name);
        let value: Box<dyn Fn() -> JsValue> = Box::new(value);
        Effect::new(move |_| {
            let value = value();
            // Writing what is there already would move the caret.
            if js_sys::Reflect::get(&element, &name).is_ok_and(|now| now != value) {
                let _ = js_sys::Reflect::set(&element, &name, &value);
            }
        });
        self
    }

    fn listen(self, event: &str, act: Box<dyn Act>) -> Self {
        let closure = Closure::<dyn Fn(Event)>::new(move |event| act.act(event)).into_js_value();
        // An event name that the browser refuses is not written here.
        let _ = self.0.add_event_listener_with_callback(event, closure.unchecked_ref());
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
    let place = el("div", "drawn");
    redraw(place.0.clone(), Box::new(draw));
    place
}

fn redraw(place: Element, draw: Box<dyn Draw>) {
    Effect::new(move |_| replace(&place, &draw.draw()));
}

/// A place in the page that is drawn now, and again whenever a signal changes that drawing has read.
pub(crate) fn drawn(draw: impl Fn() -> El + 'static) -> AnyView {
    place(Box::new(draw))
}

fn place(draw: Box<dyn Draw>) -> AnyView {
    let place = NodeRef::<Div>::new();
    Effect::new(move |_| {
        if let Some(place) = place.get() {
            replace(&place, &draw.draw());
        }
    });
    view! { <div class="drawn" node_ref=place></div> }.into_any()
}

/// A page of these parts. One shape for all of them: each further one would be compiled anew.
pub(crate) fn page(class: &'static str, parts: Vec<AnyView>) -> AnyView {
    view! { <div class=class>{parts}</div> }.into_any()
}

/// Puts the fresh drawing where the old one was, and the visitor back to where they were.
fn replace(place: &Element, fresh: &El) {
    let active =
        document().active_element().filter(|active| place.contains(Some(active)) && !active.id().is_empty());
    let caret = active
        .as_ref()
        .and_then(|active| active.dyn_ref::<HtmlInputElement>())
        .and_then(|input| input.selection_start().ok().flatten());
    let kept = kept(place);
    place.replace_children_with_node_1(&fresh.0);
    for (id, left) in kept {
        let Some(element) = document().get_element_by_id(&id) else { continue };
        match left {
            Some(left) => element.set_scroll_left(left),
            None => Dom::set_attribute(&element, "open", ""),
        }
    }
    let Some(element) = active.and_then(|active| document().get_element_by_id(&active.id())) else { return };
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
    if let (Some(input), Some(caret)) = (element.dyn_ref::<HtmlInputElement>(), caret) {
        let _ = input.set_selection_range(caret, caret);
    }
}

/// Open disclosures, and what is scrolled sideways by how much, by id.
fn kept(place: &Element) -> Vec<(String, Option<i32>)> {
    let Ok(found) = place.query_selector_all("details[open][id], .scroll[id]") else { return Vec::new() };
    (0..found.length())
        .filter_map(|index| found.item(index)?.dyn_into::<Element>().ok())
        .map(|element| (element.id(), (element.tag_name() != "DETAILS").then(|| element.scroll_left())))
        .collect()
}
