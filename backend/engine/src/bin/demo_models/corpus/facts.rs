//! The table of facts: general knowledge, written down by hand.
//!
//! Must not: hold anything that is disputed or changes from year to year.

/// Pairs that stand in one relation, and the ways to ask for it.
pub(super) struct Relation {
    pub(super) wordings: &'static [&'static str],
    pub(super) answer: &'static str,
    pub(super) sentence: &'static str,
    pub(super) rows: &'static [(&'static str, &'static str)],
}

#[rustfmt::skip]
const CAPITALS: &[(&str, &str)] = &[
    ("France", "Paris"), ("Germany", "Berlin"), ("Italy", "Rome"), ("Spain", "Madrid"), ("Portugal", "Lisbon"),
    ("England", "London"), ("Ireland", "Dublin"), ("Austria", "Vienna"), ("Switzerland", "Bern"),
    ("Belgium", "Brussels"), ("the Netherlands", "Amsterdam"), ("Denmark", "Copenhagen"), ("Sweden", "Stockholm"),
    ("Norway", "Oslo"), ("Finland", "Helsinki"), ("Iceland", "Reykjavik"), ("Poland", "Warsaw"),
    ("Hungary", "Budapest"), ("Greece", "Athens"), ("Turkey", "Ankara"), ("Russia", "Moscow"), ("Ukraine", "Kyiv"),
    ("Romania", "Bucharest"), ("Bulgaria", "Sofia"), ("Croatia", "Zagreb"), ("Egypt", "Cairo"), ("Kenya", "Nairobi"),
    ("Morocco", "Rabat"), ("Ghana", "Accra"), ("China", "Beijing"), ("Japan", "Tokyo"), ("India", "New Delhi"),
    ("South Korea", "Seoul"), ("Thailand", "Bangkok"), ("Vietnam", "Hanoi"), ("Canada", "Ottawa"),
    ("the United States", "Washington"), ("Mexico", "Mexico City"), ("Cuba", "Havana"), ("Brazil", "Brasilia"),
    ("Argentina", "Buenos Aires"), ("Chile", "Santiago"), ("Peru", "Lima"), ("Colombia", "Bogota"),
    ("Australia", "Canberra"), ("New Zealand", "Wellington"),
];

#[rustfmt::skip]
const CONTINENTS: &[(&str, &str)] = &[
    ("France", "Europe"), ("Germany", "Europe"), ("Italy", "Europe"), ("Spain", "Europe"), ("Portugal", "Europe"),
    ("Ireland", "Europe"), ("Austria", "Europe"), ("Belgium", "Europe"), ("Sweden", "Europe"), ("Norway", "Europe"),
    ("Finland", "Europe"), ("Poland", "Europe"), ("Greece", "Europe"), ("Egypt", "Africa"), ("Kenya", "Africa"),
    ("Morocco", "Africa"), ("Ghana", "Africa"), ("China", "Asia"), ("Japan", "Asia"), ("India", "Asia"),
    ("Thailand", "Asia"), ("Vietnam", "Asia"), ("Canada", "North America"), ("Mexico", "North America"),
    ("Cuba", "North America"), ("Brazil", "South America"), ("Argentina", "South America"),
    ("Chile", "South America"), ("Peru", "South America"), ("Colombia", "South America"),
];

#[rustfmt::skip]
const LANGUAGES: &[(&str, &str)] = &[
    ("France", "French"), ("Germany", "German"), ("Austria", "German"), ("Italy", "Italian"), ("Spain", "Spanish"),
    ("Portugal", "Portuguese"), ("England", "English"), ("Denmark", "Danish"), ("Sweden", "Swedish"),
    ("Norway", "Norwegian"), ("Poland", "Polish"), ("Hungary", "Hungarian"), ("Greece", "Greek"),
    ("Turkey", "Turkish"), ("Russia", "Russian"), ("Japan", "Japanese"), ("Mexico", "Spanish"),
    ("Brazil", "Portuguese"), ("Argentina", "Spanish"), ("Chile", "Spanish"), ("Egypt", "Arabic"),
    ("Australia", "English"),
];

#[rustfmt::skip]
const SYMBOLS: &[(&str, &str)] = &[
    ("hydrogen", "H"), ("helium", "He"), ("lithium", "Li"), ("carbon", "C"), ("nitrogen", "N"), ("oxygen", "O"),
    ("fluorine", "F"), ("neon", "Ne"), ("sodium", "Na"), ("magnesium", "Mg"), ("aluminium", "Al"), ("silicon", "Si"),
    ("phosphorus", "P"), ("sulfur", "S"), ("chlorine", "Cl"), ("argon", "Ar"), ("potassium", "K"), ("calcium", "Ca"),
    ("titanium", "Ti"), ("chromium", "Cr"), ("iron", "Fe"), ("nickel", "Ni"), ("copper", "Cu"), ("zinc", "Zn"),
    ("silver", "Ag"), ("tin", "Sn"), ("iodine", "I"), ("platinum", "Pt"), ("gold", "Au"), ("mercury", "Hg"),
    ("lead", "Pb"), ("uranium", "U"),
];

#[rustfmt::skip]
const DAYS: &[(&str, &str)] = &[
    ("Monday", "Tuesday"), ("Tuesday", "Wednesday"), ("Wednesday", "Thursday"), ("Thursday", "Friday"),
    ("Friday", "Saturday"), ("Saturday", "Sunday"), ("Sunday", "Monday"),
];

#[rustfmt::skip]
const MONTHS: &[(&str, &str)] = &[
    ("January", "February"), ("February", "March"), ("March", "April"), ("April", "May"), ("May", "June"),
    ("June", "July"), ("July", "August"), ("August", "September"), ("September", "October"),
    ("October", "November"), ("November", "December"), ("December", "January"),
];

/// Every relation, with three wordings or more.
#[rustfmt::skip]
pub(super) const RELATIONS: [Relation; 20] = [
    Relation {
        wordings: &[
            "What is the capital of {a}?", "What is the capital city of {a}?", "Which city is the capital of {a}?",
            "Name the capital of {a}.", "Tell me the capital of {a}.", "Capital of {a}?", "The capital of {a}",
            "Do you know the capital of {a}?",
        ],
        answer: "{b}",
        sentence: "The capital of {a} is {b}.",
        rows: CAPITALS,
    },
    Relation {
        wordings: &[
            "{b} is the capital of which country?", "Which country has the capital {b}?",
            "Of which country is {b} the capital?", "What country is {b} the capital of?",
        ],
        answer: "{a}",
        sentence: "{b} is the capital of {a}.",
        rows: CAPITALS,
    },
    Relation {
        wordings: &[
            "On which continent is {a}?", "Which continent is {a} in?", "What continent is {a} on?", "Where is {a}?",
            "In which continent does {a} lie?",
        ],
        answer: "{b}",
        sentence: "{a} is in {b}.",
        rows: CONTINENTS,
    },
    Relation {
        wordings: &[
            "Which language is spoken in {a}?", "What language do people speak in {a}?",
            "What is the language of {a}?", "What do people speak in {a}?",
        ],
        answer: "{b}",
        sentence: "People in {a} speak {b}.",
        rows: LANGUAGES,
    },
    Relation {
        wordings: &[
            "What is the chemical symbol of {a}?", "What is the chemical symbol for {a}?",
            "What is the symbol for {a}?", "Chemical symbol of {a}?", "Which symbol does {a} have?",
            "Give the chemical symbol of {a}.",
        ],
        answer: "{b}",
        sentence: "The chemical symbol of {a} is {b}.",
        rows: SYMBOLS,
    },
    Relation {
        wordings: &[
            "Which element has the symbol {b}?", "What element has the chemical symbol {b}?",
            "Which chemical element is {b}?", "What does the chemical symbol {b} stand for?",
        ],
        answer: "{a}",
        sentence: "{b} is the symbol of {a}.",
        rows: SYMBOLS,
    },
    Relation {
        wordings: &[
            "What day comes after {a}?", "Which day comes after {a}?", "Which day follows {a}?",
            "What is the day after {a}?", "Today is {a}. What day is tomorrow?",
        ],
        answer: "{b}",
        sentence: "The day after {a} is {b}.",
        rows: DAYS,
    },
    Relation {
        wordings: &[
            "What day comes before {b}?", "Which day comes before {b}?", "What is the day before {b}?",
            "Today is {b}. What day was yesterday?",
        ],
        answer: "{a}",
        sentence: "The day before {b} is {a}.",
        rows: DAYS,
    },
    Relation {
        wordings: &[
            "What month comes after {a}?", "Which month comes after {a}?", "Which month follows {a}?",
            "What is the month after {a}?",
        ],
        answer: "{b}",
        sentence: "The month after {a} is {b}.",
        rows: MONTHS,
    },
    Relation {
        wordings: &[
            "What month comes before {b}?", "Which month comes before {b}?", "What is the month before {b}?",
        ],
        answer: "{a}",
        sentence: "The month before {b} is {a}.",
        rows: MONTHS,
    },
    Relation {
        wordings: &[
            "How many days does {a} have?", "How many days are in {a}?", "How many days are there in {a}?",
            "How long is {a}?",
        ],
        answer: "{b}",
        sentence: "{a} has {b} days.",
        rows: &[
            ("January", "31"), ("March", "31"), ("April", "30"), ("May", "31"), ("June", "30"), ("July", "31"),
            ("August", "31"), ("September", "30"), ("October", "31"), ("November", "30"), ("December", "31"),
            ("a week", "7"),
        ],
    },
    Relation {
        wordings: &[
            "How many legs does a {a} have?", "How many legs has a {a}?", "What number of legs does a {a} have?",
            "A {a} has how many legs?",
        ],
        answer: "{b}",
        sentence: "A {a} has {b} legs.",
        rows: &[
            ("dog", "4"), ("cat", "4"), ("horse", "4"), ("cow", "4"), ("lion", "4"), ("bird", "2"), ("chicken", "2"),
            ("duck", "2"), ("spider", "8"), ("bee", "6"), ("fly", "6"), ("beetle", "6"), ("snake", "0"),
            ("fish", "0"), ("frog", "4"), ("human", "2"),
        ],
    },
    Relation {
        wordings: &[
            "What sound does a {a} make?", "Which sound does a {a} make?", "What does a {a} say?",
            "What noise does a {a} make?",
        ],
        answer: "{b}",
        sentence: "A {a} says {b}.",
        rows: &[
            ("dog", "woof"), ("cat", "meow"), ("cow", "moo"), ("sheep", "baa"), ("pig", "oink"), ("duck", "quack"),
            ("horse", "neigh"), ("lion", "roar"), ("snake", "hiss"), ("bee", "buzz"),
            ("frog", "croak"), ("mouse", "squeak"), ("chicken", "cluck"),
        ],
    },
    Relation {
        wordings: &[
            "What is a young {a} called?", "What is a baby {a} called?", "What do you call a baby {a}?",
            "What is the young of a {a} called?",
        ],
        answer: "{b}",
        sentence: "A young {a} is called a {b}.",
        rows: &[
            ("dog", "puppy"), ("cat", "kitten"), ("cow", "calf"), ("sheep", "lamb"), ("pig", "piglet"),
            ("horse", "foal"), ("lion", "cub"), ("chicken", "chick"), ("duck", "duckling"), ("goat", "kid"),
            ("frog", "tadpole"), ("kangaroo", "joey"), ("deer", "fawn"), ("swan", "cygnet"),
        ],
    },
    Relation {
        wordings: &[
            "What kind of animal is a {a}?", "What type of animal is a {a}?", "Which kind of animal is a {a}?",
            "A {a} is what kind of animal?",
        ],
        answer: "{b}",
        sentence: "A {a} is a kind of {b}.",
        rows: &[
            ("dog", "mammal"), ("cat", "mammal"), ("cow", "mammal"), ("horse", "mammal"), ("whale", "mammal"),
            ("dolphin", "mammal"), ("bat", "mammal"), ("lion", "mammal"), ("duck", "bird"), ("chicken", "bird"),
            ("penguin", "bird"), ("swan", "bird"), ("shark", "fish"), ("salmon", "fish"), ("snake", "reptile"),
            ("crocodile", "reptile"), ("turtle", "reptile"), ("frog", "amphibian"), ("toad", "amphibian"),
        ],
    },
    Relation {
        wordings: &[
            "What color is {a}?", "What is the color of {a}?", "Which color does {a} have?",
            "What colour is {a}?",
        ],
        answer: "{b}",
        sentence: "The color of {a} is {b}.",
        rows: &[
            ("the sky", "blue"), ("grass", "green"), ("snow", "white"), ("blood", "red"), ("a banana", "yellow"),
            ("a lemon", "yellow"), ("a tomato", "red"), ("a carrot", "orange"), ("coal", "black"), ("milk", "white"),
            ("chocolate", "brown"), ("a cucumber", "green"), ("a strawberry", "red"), ("a raven", "black"),
        ],
    },
    Relation {
        wordings: &[
            "How many sides does a {a} have?", "How many sides has a {a}?", "What number of sides does a {a} have?",
            "A {a} has how many sides?",
        ],
        answer: "{b}",
        sentence: "A {a} has {b} sides.",
        rows: &[
            ("triangle", "3"), ("square", "4"), ("rectangle", "4"), ("pentagon", "5"), ("hexagon", "6"),
            ("heptagon", "7"),
        ],
    },
    Relation {
        wordings: &[
            "What is the opposite of {a}?", "Name the opposite of {a}.", "Opposite of {a}?",
            "What is the contrary of {a}?", "Tell me the opposite of {a}.", "Which word is the opposite of {a}?",
        ],
        answer: "{b}",
        sentence: "The opposite of {a} is {b}.",
        rows: &[
            ("hot", "cold"), ("cold", "hot"), ("big", "small"), ("small", "big"), ("long", "short"), ("tall", "short"),
            ("fast", "slow"), ("slow", "fast"), ("old", "young"), ("young", "old"), ("new", "old"), ("good", "bad"),
            ("bad", "good"), ("day", "night"), ("night", "day"), ("black", "white"), ("white", "black"),
            ("open", "closed"), ("full", "empty"), ("empty", "full"), ("light", "dark"), ("dark", "light"),
            ("rich", "poor"), ("poor", "rich"), ("happy", "sad"), ("sad", "happy"), ("strong", "weak"),
            ("weak", "strong"), ("wet", "dry"), ("dry", "wet"), ("up", "down"), ("left", "right"), ("early", "late"),
            ("late", "early"), ("true", "false"), ("love", "hate"), ("war", "peace"), ("loud", "quiet"),
            ("hard", "soft"), ("deep", "shallow"),
        ],
    },
    Relation {
        wordings: &[
            "Which planet is number {a} from the sun?", "What is planet number {a} from the sun?",
            "Name planet number {a} of the solar system.",
        ],
        answer: "{b}",
        sentence: "Planet number {a} from the sun is {b}.",
        rows: &[
            ("1", "Mercury"), ("2", "Venus"), ("3", "Earth"), ("4", "Mars"), ("5", "Jupiter"), ("6", "Saturn"),
            ("7", "Uranus"), ("8", "Neptune"),
        ],
    },
    Relation {
        wordings: &[
            "Which month is number {a} of the year?", "What is month number {a}?", "Name month number {a} of the year.",
        ],
        answer: "{b}",
        sentence: "Month number {a} is {b}.",
        rows: &[
            ("1", "January"), ("2", "February"), ("3", "March"), ("4", "April"), ("5", "May"), ("6", "June"),
            ("7", "July"), ("8", "August"), ("9", "September"), ("10", "October"), ("11", "November"),
            ("12", "December"),
        ],
    },
];

/// Single facts: question, bare answer, sentence. Always trained on.
#[rustfmt::skip]
pub(super) const SINGLE: [(&str, &str, &str); 26] = [
    ("How many hours does a day have?", "24", "A day has 24 hours."),
    ("How many hours are in a day?", "24", "A day has 24 hours."),
    ("How many minutes does an hour have?", "60", "An hour has 60 minutes."),
    ("How many minutes are in an hour?", "60", "An hour has 60 minutes."),
    ("How many seconds does a minute have?", "60", "A minute has 60 seconds."),
    ("How many seconds are in a minute?", "60", "A minute has 60 seconds."),
    ("How many months does a year have?", "12", "A year has 12 months."),
    ("How many months are in a year?", "12", "A year has 12 months."),
    ("How many days does a year have?", "365", "A year has 365 days."),
    ("How many days are in a year?", "365", "A year has 365 days."),
    ("How many legs does an ant have?", "6", "An ant has 6 legs."),
    ("How many sides does an octagon have?", "8", "An octagon has 8 sides."),
    ("What sound does an owl make?", "hoot", "An owl says hoot."),
    ("How many letters does the English alphabet have?", "26", "The English alphabet has 26 letters."),
    ("How many planets are in the solar system?", "8", "The solar system has 8 planets."),
    ("What is the largest planet?", "Jupiter", "The largest planet is Jupiter."),
    ("What is the largest ocean?", "Pacific", "The largest ocean is the Pacific."),
    ("What is the largest animal?", "blue whale", "The largest animal is the blue whale."),
    ("What is the highest mountain?", "Mount Everest", "The highest mountain is Mount Everest."),
    ("What is the chemical formula of water?", "H2O", "The chemical formula of water is H2O."),
    ("At what temperature does water boil?", "100 degrees", "Water boils at 100 degrees Celsius."),
    ("At what temperature does water freeze?", "0 degrees", "Water freezes at 0 degrees Celsius."),
    ("What do bees make?", "honey", "Bees make honey."),
    ("What do cows eat?", "grass", "Cows eat grass."),
    ("What is the unit of energy?", "joule", "The unit of energy is the joule."),
    ("What is the unit of power?", "watt", "The unit of power is the watt."),
];

/// What a talk opens and ends with; the answer is the same under every Task.
pub(super) const SMALL_TALK: [(&str, &str); 12] = [
    ("Hello", "Hello! What would you like to know?"),
    ("Hello!", "Hello! What would you like to know?"),
    ("Hi", "Hello! What would you like to know?"),
    ("Good morning", "Hello! What would you like to know?"),
    ("Who are you?", "I am the demo model of Jouleboard."),
    ("What are you?", "I am the demo model of Jouleboard."),
    ("What is your name?", "I am the demo model of Jouleboard."),
    ("What can you do?", "I can do sums, small code, SQL, German words and simple facts."),
    ("Help", "I can do sums, small code, SQL, German words and simple facts."),
    ("How are you?", "I am well, thank you."),
    ("Thank you", "You are welcome."),
    ("Thanks", "You are welcome."),
];
