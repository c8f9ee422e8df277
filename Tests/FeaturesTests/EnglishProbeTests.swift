import Testing

@testable import Features

@Suite("Texts in other languages are told from English")
struct EnglishProbeTests {
    static let english = [
        "Learning to cook was the best thing that I did last year. My first meals were terrible, but after a few months I "
            + "could make soup, bread and even a simple cake for my friends.",
        "in my opinion student should not have to wear uniform becuase they is uncomfortable and cost a lot of money, and "
            + "some kids do not have so much money to buy them every year so it not fair",
        "We study the spectra of twelve galaxies observed with a radio telescope. The measured line widths are consistent "
            + "with rotation, and no evidence for outflows is found in the sample.",
    ]

    static let others = [
        "Die Schule beginnt um acht Uhr, und die meisten Kinder kommen mit dem Fahrrad. In der Pause spielen sie Fußball "
            + "oder reden mit ihren Freunden, denn das ist die beste Zeit am Tag.",
        "L'école commence à huit heures et la plupart des enfants viennent à pied. Pendant la pause, ils jouent au ballon "
            + "ou parlent avec leurs amis, parce que c'est le meilleur moment de la journée.",
        "La escuela empieza a las ocho y la mayoría de los niños llegan a pie. En el recreo juegan al fútbol o hablan con "
            + "sus amigos, porque es el mejor momento del día para todos ellos.",
        "A escola começa às oito horas e a maioria das crianças vem a pé. No recreio jogam à bola ou conversam com os "
            + "amigos, porque é o melhor momento do dia para todos eles.",
        "La scuola comincia alle otto e quasi tutti i bambini arrivano a piedi. Durante la pausa giocano a pallone o "
            + "parlano con gli amici, perché è il momento più bello della giornata.",
        "De school begint om acht uur en de meeste kinderen komen met de fiets. In de pauze spelen ze voetbal of praten "
            + "ze met hun vrienden, want dat is het beste moment van de dag.",
        "Szkoła zaczyna się o ósmej i większość dzieci przychodzi pieszo. Na przerwie grają w piłkę albo rozmawiają z "
            + "przyjaciółmi, bo to jest najlepsza chwila całego dnia.",
        "Okul saat sekizde başlar ve çocukların çoğu yürüyerek gelir. Teneffüste top oynarlar ya da arkadaşlarıyla "
            + "konuşurlar, çünkü günün en güzel zamanı budur, herkes bunu bilir ve sever.",
        "Skolan börjar klockan åtta och de flesta barnen kommer med cykel. På rasten spelar de fotboll eller pratar med "
            + "sina vänner, för det är den bästa stunden på hela dagen.",
        "Школа начинается в восемь часов, и большинство детей приходят пешком. На перемене они играют в мяч или "
            + "разговаривают с друзьями, потому что это лучшее время дня.",
        "Sekolah dimulai pukul delapan dan kebanyakan anak datang berjalan kaki. Pada waktu istirahat mereka bermain bola "
            + "atau berbicara dengan teman, karena itu saat terbaik setiap hari.",
        "lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt ut labore et dolore magna "
            + "aliqua ut enim ad minim veniam quis nostrud exercitation ullamco laboris",
    ]

    @Test("English is English, learners' and scholars' too", arguments: english)
    func isEnglish(text: String) {
        let document = Document(text)
        #expect(document.english.share > EnglishProbe.minimumShare + 0.1)
        #expect(document.looksEnglish)
    }

    @Test("Other languages are not", arguments: others)
    func isNotEnglish(text: String) {
        let document = Document(text)
        #expect(document.english.share < EnglishProbe.minimumShare - 0.05)
        #expect(!document.looksEnglish)
    }

    @Test("Too few words do not tell")
    func tooShort() {
        #expect(Document("Die Schule beginnt.").looksEnglish)
        #expect(Document("").english.share == 0)
    }
}
