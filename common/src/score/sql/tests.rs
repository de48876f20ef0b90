//! Statements over the table of the campaigns' questions.

use super::do_the_same;

#[test]
fn a_query_is_right_if_it_gives_the_same_rows_however_it_is_written() {
    for (expected, answer) in [
        ("SELECT COUNT(*) FROM employees", "select count(id) from employees as e"),
        (
            "SELECT name FROM employees WHERE salary >= 3000",
            "SELECT e.name FROM employees e WHERE NOT e.salary < 3000;",
        ),
        (
            "SELECT name FROM employees WHERE salary BETWEEN 2000 AND 3000",
            "SELECT name FROM employees WHERE salary >= 2000 AND salary <= 3000",
        ),
        (
            "SELECT name FROM employees WHERE city IN ('Paris', 'Rome')",
            "SELECT name FROM employees WHERE city = 'Rome' OR city = 'Paris'",
        ),
        ("SELECT DISTINCT city FROM employees", "SELECT city FROM employees GROUP BY city"),
        ("SELECT * FROM employees", "SELECT id, name, city, department, salary FROM employees"),
        (
            "SELECT MAX(salary) FROM employees",
            "SELECT salary AS most FROM employees ORDER BY salary DESC LIMIT 1",
        ),
        ("SELECT AVG(salary) FROM employees", "SELECT SUM(salary) / COUNT(*) FROM employees"),
        (
            "SELECT name FROM employees ORDER BY salary DESC",
            "SELECT name FROM employees ORDER BY salary DESC, name",
        ),
        (
            "SELECT city, COUNT(*) FROM employees GROUP BY city",
            "SELECT city AS town, COUNT(*) AS n FROM employees GROUP BY town ORDER BY n",
        ),
        (
            "SELECT name FROM employees WHERE department <> 'sales'",
            "SELECT name FROM employees WHERE department NOT IN ('sales')",
        ),
        (
            "SELECT name FROM employees WHERE salary = (SELECT MAX(salary) FROM employees)",
            "SELECT name FROM employees ORDER BY salary DESC LIMIT 1",
        ),
        (
            "DELETE FROM employees WHERE city = 'Rome'",
            "DELETE FROM employees WHERE id IN (SELECT id FROM employees WHERE city = 'Rome')",
        ),
        (
            "UPDATE employees SET salary = salary + 100",
            "UPDATE employees SET salary = 100 + salary WHERE id > 0",
        ),
        (
            "INSERT INTO employees VALUES (9, 'Ida', 'Rome', 'sales', 2800)",
            "insert into employees (name, id, salary, city, department) values ('Ida', 9, 2800, 'Rome', 'sales')",
        ),
    ] {
        assert_eq!(do_the_same(expected, answer), Some(true), "{expected} | {answer}");
    }
}

#[test]
fn a_query_that_gives_something_else_or_makes_no_sense_is_wrong() {
    for (expected, answer) in [
        ("SELECT COUNT(*) FROM employees", "SELECT COUNT(city) FROM employees"),
        (
            "SELECT name FROM employees WHERE salary > 4000",
            "SELECT name FROM employees WHERE salary > '4000'",
        ),
        ("SELECT name FROM employees", "SELECT name, city FROM employees"),
        ("SELECT DISTINCT city FROM employees", "SELECT city FROM employees"),
        ("SELECT name FROM employees ORDER BY name", "SELECT name FROM employees"),
        ("SELECT name FROM employees ORDER BY name", "SELECT name FROM employees ORDER BY name DESC"),
        (
            "SELECT city, COUNT(*) FROM employees GROUP BY city",
            "SELECT name, COUNT(*) FROM employees GROUP BY city",
        ),
        (
            "SELECT * FROM employees WHERE department IS NULL",
            "SELECT * FROM employees WHERE department = NULL",
        ),
        ("SELECT name FROM employees", "DELETE FROM employees"),
        ("DELETE FROM employees WHERE city = 'Rome'", "DELETE FROM employees"),
        ("SELECT name FROM employees", "SELECT name FROM employees; DROP TABLE employees"),
        ("SELECT name FROM employees", "To list the names, use SELECT name FROM employees"),
        ("SELECT name FROM employees", ""),
        ("SELECT MAX(salary) FROM employees", "SELECT MAX(MAX(salary)) FROM employees"),
    ] {
        assert_eq!(do_the_same(expected, answer), Some(false), "{expected} | {answer}");
    }
    let deep = format!("SELECT {}1{} FROM employees", "(".repeat(150), ")".repeat(150));
    assert_eq!(do_the_same("SELECT name FROM employees", &deep), Some(false), "nobody nests so deep");
    let mut inner = "SELECT name FROM employees".to_owned();
    for _ in 0..12 {
        inner = format!("SELECT name FROM employees WHERE name IN ({inner})");
    }
    assert_eq!(do_the_same("SELECT name FROM employees", &inner), Some(false), "nor queries so deep");
    assert_eq!(
        do_the_same("SELECT * FROM products", "SELECT * FROM products"),
        None,
        "another table is not known"
    );
}

#[test]
fn every_question_of_the_campaign_is_understood_and_no_two_of_them_are_taken_for_each_other() {
    let file = include_str!("../../../../backend/server/campaigns/kinds/sql.toml");
    let expected: Vec<&str> =
        file.lines().filter_map(|line| line.strip_prefix("expected = \"")?.strip_suffix('"')).collect();
    assert_eq!(expected.len(), 50);
    for (index, one) in expected.iter().enumerate() {
        assert_eq!(do_the_same(one, one), Some(true), "{one}");
        for other in &expected[..index] {
            // Whoever sorts although nobody asked is right; the other way about is wrong.
            let is_same = [do_the_same(one, other), do_the_same(other, one)] == [Some(true); 2];
            assert!(!is_same, "{one} | {other}");
        }
    }
}
